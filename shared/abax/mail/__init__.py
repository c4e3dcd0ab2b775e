"""Mail: what a message says, who it is for, how urgent it is, and what may be answered to it."""
