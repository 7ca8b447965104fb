
const INDEX = JSON.parse(document.getElementById("index").textContent);
const BLOCKS = new Map();
const cssClass = (outcome) => outcome.replace(" ", "-").toLowerCase();
const badge = (outcome) => make("span", { class: `badge ${cssClass(outcome)}` }, outcome);

// Returns the details of a check. Its block, which INDEX.block checks share, is parsed when it is first needed.
function details(number) {
  const block = Math.floor(number / INDEX.block);
  if (!BLOCKS.has(block)) BLOCKS.set(block, JSON.parse(document.getElementById(`block-${block}`).textContent));
  return BLOCKS.get(block)[number % INDEX.block];
}

function command(what, text) {
  const code = make("code", {}, text), button = make("button", { type: "button" }, "Copy");
  button.setAttribute("aria-label", `Copy: ${what}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
  });
  return make("div", { class: "command" }, make("span", { class: "soft" }, what), code, button);
}

function file(each) {
  const link = make("a", { href: each.href }, each.name);
  if (each.kind === "trace") return make("div", {}, link, command("In the report's folder:", each.command));
  if (each.kind === "screenshot")
    return make("div", {}, link, make("a", { href: each.href }, make("img", { src: each.href, alt: `The page at the end: ${each.name}`, loading: "lazy" })));
  if (each.kind === "video") {
    const video = make("video", { src: each.href, controls: "", preload: "none", "aria-label": `Video: ${each.name}` });
    return make("div", {}, link, video);
  }
  if (!("text" in each)) return make("div", {}, link);
  const content = make("pre", { tabindex: "0", "aria-label": each.name }, each.text);
  return make("div", {}, make("details", {}, make("summary", {}, each.kind === "wire" ? "Every exchange (wire.txt)" : "The site's log (site.log)"), make("div", { class: "inside" }, link, content)));
}

function attemptParts(attempt) {
  const parts = [];
  if (attempt.text) parts.push(make("pre", { tabindex: "0", "aria-label": "What it says" }, attempt.text));
  try {
    if (attempt.timeline && attempt.timeline.lanes.length) parts.push(picture(attempt.timeline));
    else if (attempt.outcome !== "not run") parts.push(make("p", { class: "soft" }, "No cookie was set or sent."));
  } catch (error) {
    parts.push(make("p", { class: "soft" }, `The picture cannot be drawn: ${error.message}`));
  }
  if (attempt.files.length) parts.push(make("div", { class: "files" }, ...attempt.files.map(file)));
  return parts;
}

function inside(number) {
  const told = details(number), row = INDEX.rows[number];
  const body = make("div", { class: "inside" });
  body.append(make("p", { class: "soft" }, `${INDEX.groups[row[1]]} · ${told.engine} · ${told.place}`));
  for (const line of told.differs) body.append(make("p", {}, badge("differs"), ` as declared: ${line}`));
  const several = told.attempts.length > 1;
  told.attempts.forEach((attempt, place) => {
    if (several) {
      const words = `Attempt ${place + 1} of ${told.attempts.length} · ${INDEX.runs[attempt.run] || ""} · ${attempt.seconds.toFixed(1)} s`;
      body.append(make("h4", {}, badge(attempt.outcome), ` ${words}`));
    }
    body.append(...attemptParts(attempt));
  });
  if (told.command) body.append(command("In a window:", told.command));
  return body;
}

function checkRow(number) {
  const [words, , project, shards, outcome, seconds, id, said, attempts] = INDEX.rows[number];
  const chips = [];
  if (INDEX.projects.length > 1) chips.push(INDEX.projects[project]);
  const split = shards.filter(Boolean);
  if (split.length) chips.push(`shard ${split.join(", ")}`);
  if (attempts > 1) chips.push(`${attempts} attempts`);
  chips.push(`${seconds.toFixed(1)} s`);
  const name = make("span", { class: "words" }, words);
  if (said) name.append(make("span", { class: "said" }, said));
  const summary = make("summary", {}, badge(INDEX.verdicts[outcome]), name, make("span", { class: "chips" }, chips.join(" · ")));
  const element = make("details", { class: "check", "data-id": id }, summary);
  // Its inside is drawn when it is first opened, by a person or by the script.
  element.open_ = () => {
    if (element.childElementCount === 1) element.append(inside(number));
    element.open = true;
  };
  element.addEventListener("toggle", () => element.open && element.open_());
  return element;
}
