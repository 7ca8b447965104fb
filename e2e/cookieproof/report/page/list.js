
const PAGE = 200, OPEN = 30;
const form = document.getElementById("filter"), query = document.getElementById("q");
const list = document.getElementById("list"), status_ = document.getElementById("status");
const lower = (text) => text.toLocaleLowerCase();
const TEXTS = INDEX.rows.map((row) => lower([row[0], INDEX.groups[row[1]], row[6], row[7]].join("\n")));
const PROMISES = INDEX.promises.map((row) => lower(`${row[0]}\n${INDEX.groups[row[1]]}`));
let page = 1;

// Reads the filter from the URL, so that a link shows what its sender sees: #?q=…&outcome=broken&page=2
function read() {
  const told = new URLSearchParams(location.hash.replace(/^#\??/, ""));
  query.value = told.get("q") || "";
  const outcomes = (told.get("outcome") || "").split(",");
  for (const box of form.querySelectorAll("[name=outcome]")) box.checked = outcomes.includes(box.value);
  for (const select of form.querySelectorAll("select")) {
    select.value = told.get(select.name) || "";
    if (select.selectedIndex < 0) select.value = "";
  }
  page = Math.max(1, Number.parseInt(told.get("page"), 10) || 1);
}

function filter() {
  const value = (name) => form.querySelector(`select[name=${name}]`)?.value || "";
  const outcomes = [...form.querySelectorAll("[name=outcome]:checked")].map((box) => box.value);
  return { q: query.value, outcome: outcomes.join(","), project: value("project"), shard: value("shard"), group: value("group"), view: value("view") };
}

function write(told) {
  const words = new URLSearchParams(Object.entries(told).filter(([, value]) => value));
  if (page > 1) words.set("page", page);
  history.replaceState(null, "", `#${words.size ? "?" : ""}${words}`);
}

function found(told) {
  const words = lower(told.q).split(/\s+/).filter(Boolean), outcomes = told.outcome ? told.outcome.split(",") : INDEX.verdicts;
  const matches = (text) => words.every((word) => text.includes(word));
  const inGroup = (row) => !told.group || INDEX.groups[row[1]] === told.group;
  if (told.view) return INDEX.promises.map((_, number) => number).filter((number) => inGroup(INDEX.promises[number]) && matches(PROMISES[number]));
  const numbers = [];
  INDEX.rows.forEach((row, number) => {
    if (inGroup(row) && outcomes.includes(INDEX.verdicts[row[4]]) && (!told.project || INDEX.projects[row[2]] === told.project) && (!told.shard || row[3].includes(Number(told.shard))) && matches(TEXTS[number])) numbers.push(number);
  });
  return numbers;
}

function checks(numbers) {
  const parts = [];
  let outcome, group, opened = 0;
  for (const number of numbers) {
    const row = INDEX.rows[number], verdict = INDEX.verdicts[row[4]];
    if (verdict !== outcome) parts.push(make("h2", {}, verdict[0].toUpperCase() + verdict.slice(1)));
    if (verdict !== outcome || row[1] !== group) parts.push(make("h3", { class: "soft" }, INDEX.groups[row[1]]));
    [outcome, group] = [verdict, row[1]];
    const element = checkRow(number);
    if (verdict === "broken" && opened++ < OPEN) element.open_();
    parts.push(element);
  }
  return parts;
}

function engines(numbers) {
  const head = make("tr", {}, make("th", { scope: "col" }, "promise"), ...INDEX.headings.map((name) => make("th", { scope: "col" }, name)));
  const body = make("tbody");
  let group;
  for (const number of numbers) {
    const [words, of, cells] = INDEX.promises[number];
    if (of !== group) body.append(make("tr", { class: "group" }, make("th", { colspan: INDEX.headings.length + 1, scope: "rowgroup" }, INDEX.groups[of])));
    group = of;
    body.append(make("tr", {}, make("th", { scope: "row" }, words), ...cells.map(([word, why]) => make("td", {}, badge(word), why ? make("span", { class: "said" }, why) : ""))));
  }
  const table = make("table", { class: "engines" }, make("thead", {}, head), body);
  return [...INDEX.remarks.map((remark) => make("p", { class: "soft" }, remark)), make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Engine beside engine" }, table)];
}

function turn(to) {
  page = to;
  show();
  // The button that was pressed has been replaced, so the focus goes to the first row.
  list.querySelector("summary, [tabindex]").focus({ preventScroll: true });
  list.scrollIntoView();
}

function pages(most) {
  for (const place of document.querySelectorAll(".pages")) {
    place.replaceChildren();
    if (most < 2) continue;
    const button = (name, to) => {
      const made = make("button", { type: "button" }, name);
      made.disabled = to < 1 || to > most;
      made.addEventListener("click", () => turn(to));
      return made;
    };
    place.append(button("Previous", page - 1), make("span", {}, `page ${page} of ${most}`), button("Next", page + 1));
  }
}

function show() {
  const told = filter(), numbers = found(told), most = Math.max(1, Math.ceil(numbers.length / PAGE));
  page = Math.min(page, most);
  const shown = numbers.slice((page - 1) * PAGE, page * PAGE);
  const all = told.view ? INDEX.promises.length : INDEX.rows.length, what = (told.view ? "promise" : "check") + (all === 1 ? "" : "s");
  status_.textContent = numbers.length === all ? `${all.toLocaleString("en")} ${what}` : `${numbers.length.toLocaleString("en")} of ${all.toLocaleString("en")} ${what}`;
  const empty = make("p", { class: "empty" }, all ? "No check is as the filter says." : "No check has run.");
  list.replaceChildren(...(shown.length ? (told.view ? engines : checks)(shown) : [empty]));
  pages(most);
  write(told);
}

const showFirstPage = () => {
  page = 1;
  show();
};
form.addEventListener("input", showFirstPage);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(showFirstPage));
addEventListener("hashchange", () => {
  read();
  show();
});
// From row to row, as in an accordion: https://www.w3.org/WAI/ARIA/apg/patterns/accordion/
list.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const rows = [...list.querySelectorAll(".check > summary")], at = rows.indexOf(event.target);
  const to = at < 0 ? undefined : rows[at + step];
  if (!to) return;
  event.preventDefault();
  to.focus();
});
// Keeps what is scrolled to, or has the focus, from lying under the form, which sticks to the top.
new ResizeObserver(() => {
  const sticks = getComputedStyle(form).position === "sticky";
  document.documentElement.style.scrollPaddingTop = sticks ? `${form.offsetHeight + 8}px` : "";
}).observe(form);
document.getElementById("legend").append(...legend());
read();
show();
