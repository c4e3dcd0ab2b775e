"""One company's economic history, and the books that each ERP would keep of it."""
