// Switches the cut of the statements and opens figures down to their journal lines. Sums are BigInt: exact.
(() => {
  "use strict";

  const show = (cut) => {
    document.body.dataset.cut = cut;
    for (const button of document.querySelectorAll("[data-cut]:not(body)")) {
      button.setAttribute("aria-pressed", String(button.dataset.cut === cut));
    }
  };
  for (const button of document.querySelectorAll("button[data-cut]")) {
    button.addEventListener("click", () => show(button.dataset.cut));
  }

  const source = document.getElementById("books");
  const panel = document.getElementById("panel");
  if (!source || !panel) return;

  let parsed;
  const books = () => (parsed ??= JSON.parse(source.textContent));
  const AT_ONCE = 200;
  const [WITHOUT_CLOSING, ONLY_CLOSING] = [1, 2];

  // --- from a figure to groups of lines ---------------------------------------------------------------

  /** Group → sign, for every group that the figure sums. Signs that cancel out are left away. */
  const groupsOf = (report, line, period) => {
    const { recipes, spans, groups, accounts } = books();
    const signs = new Map();
    for (const [classes, sign, scope, closing, code] of recipes[report]?.[line] ?? []) {
      const [first, last] = spans[period][scope];
      for (let group = 0; group < groups.account.length; group++) {
        const month = groups.month[group];
        const [accountCode, , accountClass] = accounts[groups.account[group]];
        if (month < first || month > last || !classes.includes(accountClass)) continue;
        if (code && code !== accountCode) continue;
        if (closing === WITHOUT_CLOSING && groups.closing[group]) continue;
        if (closing === ONLY_CLOSING && !groups.closing[group]) continue;
        signs.set(group, (signs.get(group) ?? 0) + sign);
      }
    }
    return [...signs].filter(([, sign]) => sign);
  };

  const byAccount = (picked) => {
    const { groups } = books();
    const sums = new Map();
    for (const [group, sign] of picked) {
      const account = groups.account[group];
      const sum = sums.get(account) ?? { account, amount: 0n, count: 0 };
      sum.amount += BigInt(sign) * BigInt(groups.amount[group]);
      sum.count += groups.count[group];
      sums.set(account, sum);
    }
    return [...sums.values()].filter((sum) => sum.count).sort((a, b) => (size(b.amount) > size(a.amount) ? 1 : -1));
  };

  const linesOf = (picked) => {
    const { groups, lines, texts, accounts } = books();
    const found = [];
    let beyond = 0;
    for (const [group, sign] of picked) {
      const first = groups.first[group];
      if (first < 0) {
        beyond += groups.count[group];
        continue;
      }
      for (let place = first; place < first + groups.count[group]; place++) {
        found.push({
          day: lines.day[place],
          entry: texts[lines.entry[place]],
          journal: texts[lines.journal[place]],
          partner: texts[lines.partner[place]],
          label: texts[lines.label[place]],
          account: accounts[groups.account[group]],
          amount: BigInt(sign) * BigInt(lines.amount[place]),
        });
      }
    }
    found.sort((a, b) => a.day - b.day || (a.entry < b.entry ? -1 : a.entry > b.entry ? 1 : 0));
    return { found, beyond };
  };

  const openItems = (report, partner, bucket) => {
    const { texts, aged, accounts } = books();
    const items = aged[report];
    const names = new Map(accounts.map((account) => [account[0], account]));
    const found = [];
    for (let place = 0; place < items.amount.length; place++) {
      if (partner !== "total" && texts[items.partner[place]] !== partner) continue;
      if (bucket !== undefined && items.bucket[place] !== Number(bucket)) continue;
      const code = texts[items.account[place]];
      found.push({
        day: items.posted[place],
        entry: texts[items.entry[place]],
        journal: "",
        partner: texts[items.partner[place]],
        label: items.due[place] === null ? "" : `due ${isoDay(items.due[place])}`,
        account: names.get(code) ?? [code, ""],
        amount: BigInt(items.amount[place]),
      });
    }
    return found;
  };

  const total = (amounts) => amounts.reduce((sum, amount) => sum + amount, 0n);
  const size = (amount) => (amount < 0n ? -amount : amount);

  // --- setting numbers and words ----------------------------------------------------------------------

  const money = (amount) => {
    const { places, decimals } = books();
    const digits = String(size(amount)).padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, "\u202f");
    let rest = places ? digits.slice(-places) : "";
    while (rest.length > decimals && rest.endsWith("0")) rest = rest.slice(0, -1);
    return (amount < 0n ? "\u2212" : "") + whole + (rest ? `.${rest}` : "");
  };
  const count = (number, word) => `${String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f")} ${word}${number === 1 ? "" : "s"}`;
  const isoDay = (day) => new Date(day * 86400000).toISOString().slice(0, 10);
  const quoted = (word) => (/^[\w.:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  const path = (...parts) => `#${parts.map(encodeURIComponent).join("/")}`;

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") element.addEventListener("click", value);
      else if (value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const headings = (...names) => make("thead", {}, make("tr", {}, ...names.map(([name, kind]) => make("th", { scope: "col", class: kind }, name))));

  // --- the panel --------------------------------------------------------------------------------------

  const head = (eyebrow, title, figure, proof) =>
    make(
      "div", { class: "panel-head" },
      make("p", { class: "eyebrow" }, eyebrow),
      make("button", { class: "close", type: "button", "aria-label": "Close", onclick: () => panel.close() }, "×"),
      make("h2", { id: "panel-title" }, title),
      make("p", { class: "much", id: "panel-figure" }, `${money(figure)} ${books().currency}`),
      make("p", { class: "proof", id: "panel-proof" }, proof),
    );

  const accountTable = (sums, chosen, link, whole) =>
    make(
      "table", { id: "panel-accounts" },
      headings(["Account", "words"], ["Lines"], ["Amount"]),
      make("tbody", {}, ...sums.map(({ account, amount, count: lines }) => {
        const [code, name] = books().accounts[account];
        const current = code === chosen ? "true" : undefined;
        return make(
          "tr", { "aria-current": current },
          make("th", { scope: "row" }, make("a", { href: current ? link() : link(code) }, make("span", { class: "code" }, code), ` ${name}`)),
          make("td", {}, String(lines)), make("td", {}, money(amount)),
        );
      })),
      make("tfoot", {}, make("tr", {}, make("th", { scope: "row" }, "Sum"), make("td", {}, ""), make("td", {}, money(whole)))),
    );

  const lineRow = ({ day, entry, journal, partner, label, account, amount }) => {
    const about = make("td", { class: "words" }, partner || label || "–");
    if (partner && label) about.append(make("small", {}, label));
    return make(
      "tr", {},
      make("td", { class: "day" }, isoDay(day)),
      make("td", { class: "words" }, entry, ...(journal ? [make("small", {}, journal)] : [])),
      make("td", { class: "words wide" }, account[0], make("small", {}, account[1])),
      about,
      make("td", { class: "amount" }, money(amount)),
    );
  };

  const lineTable = (lines) => {
    const body = make("tbody");
    const table = make(
      "table", { id: "panel-lines" },
      headings(["Date", "words"], ["Entry", "words"], ["Account", "words wide"], ["Partner and text", "words"], ["Amount"]),
      body,
      make("tfoot", {}, make("tr", {}, make("th", { scope: "row", colspan: "3" }, `Sum of ${count(lines.length, "line")}`), make("td", { colspan: "2", id: "panel-sum" }, money(total(lines.map((line) => line.amount)))))),
    );
    const more = make("button", { class: "more", type: "button" });
    const extend = () => {
      const from = body.childElementCount;
      body.append(...lines.slice(from, from + AT_ONCE).map(lineRow));
      const left = lines.length - body.childElementCount;
      more.hidden = left <= 0;
      more.textContent = `Show ${Math.min(left, AT_ONCE)} of ${count(left, "more line")}`;
    };
    more.addEventListener("click", extend);
    extend();
    return [table, more];
  };

  const beyondNote = (beyond, words) =>
    make("p", { class: "beyond" }, `${count(beyond, "line")} of earlier months ${beyond === 1 ? "is" : "are"} not in this page. All of them: `, make("code", {}, `abax explain ${words.map(quoted).join(" ")}`));

  const figurePanel = (report, line, period, chosen) => {
    const known = books().reports[report];
    const figure = BigInt(known.figures[line][period]);
    const picked = groupsOf(report, line, period);
    const sums = byAccount(picked);
    const whole = total(sums.map((sum) => sum.amount));
    const kept = chosen === undefined ? picked : picked.filter(([group]) => books().accounts[books().groups.account[group]][0] === chosen);
    const { found, beyond } = linesOf(kept);
    const all = sums.reduce((lines, sum) => lines + sum.count, 0);
    const proof = whole === figure ? `✓ the sum of ${count(all, "journal line")} on ${count(sums.length, "account")}` : `✗ the lines come to ${money(whole)}`;
    const link = (...code) => path(report, line, period, ...code);
    const body = make("div", { class: "panel-body" }, make("h3", {}, "Accounts"), accountTable(sums, chosen, link, whole));
    body.append(make("h3", {}, chosen === undefined ? "Journal lines" : `Journal lines of ${chosen}`));
    if (chosen !== undefined) body.append(make("p", {}, make("a", { href: link() }, "← all accounts")));
    if (beyond) body.append(beyondNote(beyond, [report, line, period]));
    if (found.length) body.append(...lineTable(found));
    else if (!beyond) body.append(make("p", { class: "empty" }, "No journal lines."));
    return [head(`${known.title} · ${period}`, known.labels[line] ?? line, figure, proof), body];
  };

  const agedPanel = (report, partner, day, bucket) => {
    const items = openItems(report, partner, bucket);
    const whole = total(items.map((item) => item.amount));
    const title = report === "aged_receivables" ? "Open receivables" : "Open payables";
    const proof = `✓ the sum of ${count(items.length, "open item")}: each line less what was settled of it by that day`;
    const body = make("div", { class: "panel-body" }, make("h3", {}, "Open items"), ...lineTable(items));
    return [head(`${title} · ${day}`, partner === "total" ? "All partners" : partner, whole, proof), body];
  };

  const contents = (parts) => {
    const [report, line, period, last] = parts;
    if (parts.length < 3) return null;
    if (books().aged[report]?.day === period) return agedPanel(report, line, period, last);
    if (books().reports[report]?.figures[line]?.[period] !== undefined) return figurePanel(report, line, period, last);
    return null;
  };

  const follow = () => {
    if (!location.hash.includes("/")) return panel.open && panel.close();
    const found = contents(location.hash.slice(1).split("/").map(decodeURIComponent));
    if (!found) return panel.open && panel.close();
    panel.replaceChildren(...found);
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
    return true;
  };
  panel.addEventListener("close", () => {
    if (location.hash.includes("/")) history.replaceState(null, "", location.pathname + location.search);
  });
  panel.addEventListener("click", (event) => event.target === panel && panel.close());
  addEventListener("hashchange", follow);
  follow();

  /** For whoever wants to check the page: a figure as reported, and as its lines add up. */
  window.abax = {
    figure: (report, line, period) => String(books().reports[report].figures[line][period]),
    sum: (report, line, period) => String(total(byAccount(groupsOf(report, line, period)).map((sum) => sum.amount))),
    sumOfLines: (report, line, period) => String(total(linesOf(groupsOf(report, line, period)).found.map((each) => each.amount))),
  };
})();
