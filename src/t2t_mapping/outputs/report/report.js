
"use strict";
(() => {
  // Texts from outside reach the page through textContent and nothing else.
  const data = JSON.parse(document.getElementById("data").textContent);
  const titles = data.titles;
  const PAGE = 100;

  // --- columns: each a function from a row number to a text ---------------------------------------------------------
  const SAME = "\t";
  const coded = (column) => {
    const words = [...column.words, ""]; // -1, for none, is the last
    const all = typeof column.at === "number" ? words.at(column.at) : null;
    const value = all === null ? (row) => words[column.at[row] < 0 ? words.length - 1 : column.at[row]] : () => all;
    return Object.assign(value, { words, at: column.at });
  };
  const lines = (column, like) => {
    const values = column.split("\n");
    return (row) => (values[row] === SAME ? like(row) : values[row]);
  };
  const address = (local, domain) => (row) => (domain(row) ? `${local(row)}@${domain(row)}` : local(row));
  const numbers = (column) => (row) => (column[row] < 0 ? "" : column[row]);

  const users = data.users.columns;
  const local = lines(users.source.local);
  const user = {
    source: address(local, coded(users.source.domain)),
    full_name: lines(users.full_name),
    destination: address(lines(users.destination.local, local), coded(users.destination.domain)),
    row: numbers(users.row),
  };
  user.destination_name = lines(users.destination_name, user.full_name);
  for (const name of ["disposition", "candidates", "reason", "codes", "view", "file", "sheet"]) user[name] = coded(users[name]);

  const told = data.findings.columns;
  const otherUser = coded(told.upn.other);
  const finding = {
    upn: (row) => (told.upn.user[row] < 0 ? otherUser(row) : user.source(told.upn.user[row])),
    row: numbers(told.row),
  };
  for (const name of ["severity", "code", "side", "file", "sheet"]) finding[name] = coded(told[name]);
  const stored = told.message.words ? coded(told.message) : lines(told.message, finding.upn);
  finding.message = (row) => {
    const text = stored(row);
    return text.startsWith(SAME) ? finding.upn(row) + text.slice(1) : text;
  };

  // Most texts are ASCII, which has no marks to take away.
  const plain = (value) => (/[^\0-\x7f]/.test(value) ? String(value).normalize("NFD").replace(/\p{M}/gu, "") : String(value)).toLowerCase();
  const thousands = new Intl.NumberFormat("en");
  const number = (value) => thousands.format(value);

  // --- cells --------------------------------------------------------------------------------------------------------
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  // An address may break before its @ rather than anywhere.
  const text = (value) => make("bdi", {}, ...value.split(/(?=@)/).flatMap((part, at) => (at ? [make("wbr"), part] : [part])));
  const badge = (word) => make("span", { className: `badge ${word}`, textContent: word });
  const codeLink = (code) => make("a", { href: `#code-${code}`, textContent: titles[code] ? `${code} ${titles[code]}` : code });
  const fileName = (of) => (row) => of.file(row).replaceAll("\\", "/").split("/").pop();
  const rowNumber = (of) => (row) => (of.row(row) === "" ? "" : `row ${number(of.row(row))}`);
  const place = (of) => ({
    key: fileName(of),
    then: of.row,
    search: (row) => `${fileName(of)(row)} row ${of.row(row)}`, // digits only: formatting 100,000 numbers takes a second
    cell: (row) => [rowNumber(of)(row), " ", make("span", { className: "file" }, text(fileName(of)(row)))],
  });
  const why = (row) => {
    const codes = user.codes(row).split(" ").filter(Boolean);
    const step = user.disposition(row) === "mapped" || user.reason(row).endsWith(":rule") ? titles[user.reason(row)] : "";
    const parts = [step && text(step.split(": ").slice(1).join(": ")), ...codes.map(codeLink)].filter(Boolean);
    return parts.flatMap((part, position) => (position ? [", ", part] : [part]));
  };
  const goesTo = (row) => user.destination(row) || (user.candidates(row) && `one of: ${user.candidates(row)}`);

  const named = (word) => (titles[word] ? `${/^[A-Z]\d/.test(word) ? `${word} ` : ""}${titles[word]}` : word);
  const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true }).compare;
  const severities = ["fatal", "error", "warning", "info"];
  const dispositions = ["held", "excluded", "mapped"];

  const tables = {
    users: {
      height: data.users.height,
      noun: "users",
      columns: [
        { key: user.source, cell: (row) => [text(user.source(row))] },
        { key: user.full_name, compare: byName, cell: (row) => [text(user.full_name(row))] },
        { key: user.disposition, order: dispositions, cell: (row) => [badge(user.disposition(row))] },
        { key: goesTo, cell: (row) => [text(goesTo(row))] },
        { key: user.destination_name, compare: byName, cell: (row) => [text(user.destination_name(row))] },
        { key: (row) => `${user.reason(row)} ${user.codes(row)}`, cell: why },
        place(user),
      ],
      filters: {
        disposition: { label: "Outcome", value: user.disposition, order: dispositions },
        reason: { label: "Outcome and reason", value: user.reason, named },
        domain: { label: "Source domain", value: coded(users.source.domain) },
      },
    },
    findings: {
      height: data.findings.height,
      noun: "findings",
      columns: [
        { key: finding.severity, order: severities, cell: (row) => [badge(finding.severity(row))] },
        { key: finding.code, cell: (row) => [codeLink(finding.code(row))] },
        { key: finding.upn, cell: (row) => [text(finding.upn(row))] },
        { key: finding.message, cell: (row) => [text(finding.message(row))] },
        place(finding),
      ],
      filters: {
        severity: { label: "Severity", value: finding.severity, order: severities },
        code: { label: "Code", value: finding.code, named },
        side: { label: "Side", value: finding.side },
      },
    },
  };

  /** Word -> number of rows, of a coded column. */
  const tally = ({ words, at }, height) => {
    if (typeof at === "number") return new Map([[words.at(at), height]]);
    const counts = new Uint32Array(words.length);
    for (const number of at) counts[number < 0 ? words.length - 1 : number]++;
    return new Map(words.map((word, number) => [word, counts[number]]));
  };

  // --- one table ----------------------------------------------------------------------------------------------------
  class Table {
    constructor(name, plan) {
      Object.assign(this, plan, { name, page: 0, sorted: -1, descending: false, haystack: null, inputs: {} });
      this.element = document.getElementById(`${name}-table`);
      this.body = this.element.tBodies[0];
      this.headings = [...this.element.tHead.rows[0].cells];
      this.all = Uint32Array.from({ length: this.height }, (_, row) => row);
      this.buildControls(document.getElementById(`${name}-controls`));
      this.buildPager(document.getElementById(`${name}-pager`));
      this.buildHeadings();
      this.apply();
    }

    buildControls(place) {
      this.search = make("input", { type: "search", autocomplete: "off", spellcheck: false });
      let waiting = 0;
      this.search.addEventListener("focus", () => this.texts());
      this.search.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => this.apply(), 120);
      });
      place.setAttribute("role", "search");
      place.setAttribute("aria-label", `Search ${this.noun}`);
      place.append(make("label", { className: "search" }, `Search ${this.noun} (every word must occur)`, this.search));
      for (const [key, filter] of Object.entries(this.filters)) {
        const counts = tally(filter.value, this.height);
        const rank = (value) => filter.order?.indexOf(value) ?? -counts.get(value);
        const values = [...counts.keys()].filter(Boolean).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
        const select = make("select", {}, make("option", { value: "", textContent: "all" }));
        for (const value of values.slice(0, 500)) {
          const words = filter.named ? filter.named(value) : value;
          select.append(make("option", { value, textContent: `${words} (${number(counts.get(value))})` }));
        }
        select.addEventListener("change", () => this.apply());
        this.inputs[key] = select;
        place.append(make("label", {}, filter.label, select));
      }
      const clear = make("button", { type: "button", textContent: "Show all" });
      clear.addEventListener("click", () => this.only({}));
      this.status = make("p", { className: "status" });
      this.status.setAttribute("role", "status");
      place.append(clear, this.status);
    }

    buildPager(place) {
      const button = (words, move) => {
        const made = make("button", { type: "button", textContent: words });
        made.addEventListener("click", () => {
          this.page = Math.max(0, Math.min(this.pages() - 1, move()));
          this.show();
        });
        return made;
      };
      this.first = button("First", () => 0);
      this.back = button("Previous", () => this.page - 1);
      this.next = button("Next", () => this.page + 1);
      this.last = button("Last", () => this.pages() - 1);
      this.where = make("span");
      this.pager = place;
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", `Pages of ${this.noun}`);
      place.append(this.first, this.back, this.where, this.next, this.last);
    }

    buildHeadings() {
      this.headings.forEach((heading, position) => {
        const button = make("button", { type: "button", textContent: heading.textContent });
        heading.replaceChildren(button);
        heading.setAttribute("aria-sort", "none");
        button.addEventListener("click", () => {
          if (this.sorted !== position) [this.sorted, this.descending] = [position, false];
          else if (!this.descending) this.descending = true;
          else this.sorted = -1;
          this.headings.forEach((other, at) =>
            other.setAttribute("aria-sort", at !== this.sorted ? "none" : this.descending ? "descending" : "ascending"));
          this.apply();
        });
      });
    }

    texts() {
      this.haystack ??= Array.from(this.all, (row) => plain(this.columns.map((column) => (column.search ?? column.key)(row)).join(" ")));
      return this.haystack;
    }

    only(wanted) {
      this.search.value = "";
      for (const [key, select] of Object.entries(this.inputs)) select.value = wanted[key] ?? "";
      this.apply();
    }

    apply() {
      let rows = this.all;
      for (const [key, select] of Object.entries(this.inputs)) {
        const value = this.filters[key].value;
        if (select.value) rows = rows.filter((row) => value(row) === select.value);
      }
      for (const word of plain(this.search.value).split(/\s+/).filter(Boolean)) {
        const texts = this.texts();
        rows = rows.filter((row) => texts[row].includes(word));
      }
      this.rows = this.sorted < 0 ? rows : this.sort(rows);
      this.page = 0;
      this.show();
    }

    sort(rows) {
      const column = this.columns[this.sorted];
      // Keys are made once per column, for all rows; the empty ones always stand last.
      column.keys ??= Array.from(this.all, (row) => (column.order ? column.order.indexOf(column.key(row)) : column.compare ? column.key(row) : plain(column.key(row))));
      const keys = column.keys;
      const turn = this.descending ? -1 : 1;
      return rows.slice().sort((a, b) => {
        const left = keys[a], right = keys[b];
        if (left === right) return column.then ? turn * (column.then(a) - column.then(b)) || a - b : a - b;
        if (left === "" || right === "") return left === "" ? 1 : -1;
        if (column.compare) return turn * column.compare(left, right) || a - b;
        return left < right ? -turn : turn;
      });
    }

    pages() {
      return Math.max(1, Math.ceil(this.rows.length / PAGE));
    }

    show() {
      const from = this.page * PAGE;
      const shown = this.rows.subarray(from, from + PAGE);
      const lines = Array.from(shown, (row) => make("tr", {}, ...this.columns.map((column) => make("td", {}, ...column.cell(row)))));
      this.body.replaceChildren(...lines);
      const found = this.rows.length === this.height ? `All ${number(this.height)}` : `${number(this.rows.length)} of ${number(this.height)}`;
      this.status.textContent = `${found} ${this.noun}`;
      this.where.textContent = `Page ${number(this.page + 1)} of ${number(this.pages())}`;
      this.first.disabled = this.back.disabled = this.page === 0;
      this.next.disabled = this.last.disabled = this.page >= this.pages() - 1;
      this.pager.hidden = this.pages() === 1;
    }
  }

  const made = Object.fromEntries(Object.entries(tables).map(([name, plan]) => [name, new Table(name, plan)]));

  // Links such as "Show all 12 in the table" set the filters of a table; without JavaScript they lead to its first rows.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-table]");
    if (!link) return;
    const table = made[link.getAttribute("data-table")];
    table.only({ ...link.dataset });
    // The browser then goes to the table's section, as the link says.
  });
})();
