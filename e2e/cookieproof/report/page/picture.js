
"use strict";
// Makes one element. Texts become text nodes or attributes, never markup.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const COLUMN = 30, LANE = 26;
const LONGEST = 20, HEIGHT_OF_A_LETTER = 5; // characters of a label, and pixels for each, since labels are rotated
const cut = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
// Returns the kind of storage that a lane is of, without its host, which the lane's title shows.
const storageOf = (lane) => /^\S* (localStorage|sessionStorage|IndexedDB)/.exec(lane.where)?.[1];
const withTitle = (title, ...parts) => draw("g", {}, draw("title", {}, title), ...parts);

function mark(kind, x, y) {
  const named = { class: `mark is-${["set", "sent", "deleted", "refused", "expired"].includes(kind) ? kind : "ended"}` };
  if (kind === "sent") return draw("circle", { ...named, cx: x, cy: y, r: 4 });
  if (kind === "set") return draw("circle", { ...named, cx: x, cy: y, r: 6 });
  if (kind === "deleted") return draw("path", { ...named, d: `M${x - 5} ${y - 5}l10 10m0-10l-10 10` });
  if (kind === "refused")
    return draw("g", named, draw("circle", { cx: x, cy: y, r: 6 }), draw("path", { d: `M${x - 4} ${y + 4}l8-8` }));
  if (kind === "expired") return draw("path", { ...named, d: `M${x - 5} ${y - 6}h10l-10 12h10z` });
  return draw("path", { ...named, d: `M${x} ${y - 8}v16` });
}

// Draws the timeline of an attempt; its label has a sentence for each cookie, for screen readers.
function picture(timeline) {
  // A phone has no room for a cookie's host and path, which the title shows; the kind of a storage is short.
  const narrow = innerWidth <= 640, LEFT = narrow ? 130 : 290;
  const labels = timeline.columns.map((column) => cut(column.label, LONGEST) + (column.more ? ` ×${Number(column.more) + 1}` : ""));
  const TOP = 34 + HEIGHT_OF_A_LETTER * Math.max(0, ...labels.map((label) => label.length));
  const width = LEFT + timeline.columns.length * COLUMN + 100, height = TOP + timeline.lanes.length * LANE + 8;
  const said = timeline.lanes.map((lane) => `${lane.who}, ${storageOf(lane) ?? "cookie"} ${lane.name}: ${lane.marks.map((each) => each[1]).join(", ") || "held"}`);
  const svg = draw("svg", { class: "timeline", width, height, role: "img", "aria-label": said.join(". ") });
  timeline.columns.forEach((column, number) => {
    const x = LEFT + number * COLUMN, more = column.more ? `, and ${column.more} more like it` : "";
    const label = draw("text", { transform: `translate(${x + 18} ${TOP - 10}) rotate(-50)` });
    if (column.kind === "asked") label.classList.add("soft");
    if (column.kind === "error") label.classList.add("error-text");
    label.append(labels[number]);
    const rect = draw("rect", { class: "column", x, y: TOP - 4, width: COLUMN, height: height - TOP });
    if (/^[a-z]+$/.test(column.kind)) rect.classList.add(column.kind);
    svg.append(withTitle(`${column.label}${more} · ${column.time}`, rect, label));
  });
  timeline.lanes.forEach((lane, number) => {
    const y = TOP + number * LANE + 9;
    svg.append(draw("line", { class: "grid", x1: 0, x2: width, y1: y + 13, y2: y + 13 }));
    const name = draw("text", { x: 0, y: y + (narrow ? -2 : 4) }, draw("title", {}, `${lane.who}, ${lane.name}, ${lane.where}`));
    const called = cut(lane.name, 18), where = lane.where === "localhost/" ? "" : storageOf(lane) ?? lane.where;
    const who = draw("tspan", narrow ? { class: "soft below", x: 0, dy: 10 } : { class: "soft" }, narrow ? `${lane.who} ${storageOf(lane) ?? ""}`.trim() : lane.who);
    if (narrow) name.append(called, who);
    else name.append(who, ` ${called} `, draw("tspan", { class: "soft" }, cut(where, 32 - called.length)));
    svg.append(name);
    for (const [first, last, kind] of lane.bars)
      svg.append(draw("rect", { class: `bar ${["age", "kept"].includes(kind) ? kind : "session"}`, x: LEFT + first * COLUMN + 15, y: y - 5, width: Math.max((last - first) * COLUMN, 2), height: 10 }));
    for (const [at, kind, why] of lane.marks) svg.append(withTitle(why ? `${kind}: ${why}` : kind, mark(kind, LEFT + at * COLUMN + 15, y)));
  });
  return make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "What became of the cookies" }, svg);
}

function legend() {
  const symbol = (kind) => draw("svg", { width: 18, height: 18, "aria-hidden": "true" }, mark(kind, 9, 9));
  const box = (name, width) => draw("svg", { width, height: 12, "aria-hidden": "true" }, draw("rect", { class: name, width, height: 12 }));
  const rows = [[symbol("set"), "set"], [symbol("sent"), "sent"], [symbol("deleted"), "deleted"], [symbol("expired"), "expired"], [symbol("ended"), "ended with the browser"], [symbol("refused"), "refused or withheld"], [box("bar session", 30), "lives until the browser closes"], [box("bar age", 30), "lives for an age"], [box("bar kept", 30), "in a storage until a page removes it"], [box("column moved", 14), "clock moved"], [box("column closed", 14), "browser or site ended or started"]];
  return rows.map(([drawn, words]) => make("span", {}, drawn, words));
}
