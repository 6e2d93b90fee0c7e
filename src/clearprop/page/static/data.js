// The data: which, how many, how noisy; as a picture and as a table, both to choose samples from.

import { make } from "/viewer/dom.js";
import { button, field, select } from "./dom.js";
import { keepTable, openTable } from "./csv.js";
import { planeFigure } from "./plane.js";
import { choose, isMore, samplesTable } from "./samples.js";
import { ask, onView, page } from "./session.js";
import { isHidden, t } from "./texts.js";

const OWN = ["table", "preset"]; // kinds that are not drawn from a seed
const TABLE = "table";
const SHARES = { noise: [0, 1, 0.01], test: [0, 0.9, 0.05] }; // sliders: least, most, a notch
const FEWEST = 4;

export function watchData() {
  const panel = document.getElementById("data");
  if (!panel) return; // the address hides it
  const samples = samplesTable((row) => picture.point(row));
  const chooser = {
    choose: (row, event) => choose(row, samples.isSeveral() || isMore(event)),
    point: (row) => samples.point(row),
  };
  const picture = planeFigure(isHidden("samples") ? null : chooser);
  picture.element.dataset.part = "plane";
  const used = make("p", { className: "used" });
  const controls = buildControls();
  const parts = [make("h2", {}, t("data.label")), controls.element, picture.element, used, samples.element];
  panel.append(make("div", { className: "data" }, ...parts.filter((one) => !isHidden(one.dataset.part))));
  onView((view, changed) => {
    if (changed.has("settings")) controls.show(view.settings);
    if (changed.has("data")) {
      used.textContent = usedOf(view.data);
      keepTable(view.settings.data.table);
    }
    picture.show(view, changed);
    samples.show(view, changed);
  });
  watchDrop();
}

function buildControls() {
  const kind = select(kinds(), "", (name) => takeKind(kind, name));
  const own = button(t("data.table.open"), () => openTable(), { className: "quiet" });
  own.dataset.part = "table";
  const rows = numberInput("rows", FEWEST, page.choices.limits.rows);
  const seed = numberInput("seed", 0, Number.MAX_SAFE_INTEGER);
  const sliders = Object.fromEntries(Object.keys(SHARES).map((name) => [name, slider(name)]));
  const fields = [field("data.kind", kind), own, field("data.rows", rows), ...["noise", "test"].map((name) => sliders[name].field), field("data.seed", seed)];
  const element = make("div", { className: "controls" }, ...fields.filter((one) => !isHidden(one.dataset.part)));
  const show = ({ data }) => {
    showKind(kind, data);
    for (const [name, one] of Object.entries(sliders)) one.show(data[name]);
    rows.value = data.rows;
    seed.value = data.seed;
    const isDrawn = !OWN.includes(data.kind);
    for (const one of [rows, sliders.noise.input]) one.closest("label").hidden = !isDrawn;
    seed.closest("label").hidden = !isDrawn && !data.test; // of own data it says only how they are split
    own.hidden = data.kind !== TABLE;
  };
  return { element, show };
}

/** How many samples there are, and for what. */
function usedOf({ train, test, left }) {
  const counts = { train: train.length, test: test.length };
  const used = t(test.length ? "data.used.test" : "data.used", counts);
  return left ? `${used}${t("data.left", { left })}` : used;
}

function set(name, value) {
  ask("set", { changes: { data: { [name]: value } } });
}

function kinds() {
  return page.choices.data.filter((name) => name !== "preset").map((name) => [name, t(`data.kind.${name}`)]);
}

/** Another kind of data; a table has to be chosen first, and until then all stays as it is. */
function takeKind(kind, name) {
  if (name !== TABLE) {
    set("kind", name);
    return;
  }
  showKind(kind, page.view.settings.data);
  openTable();
}

/** Show the kind; a preset's own data are a choice for as long as they are here. */
function showKind(kind, { kind: name, table }) {
  kind.querySelector("[value=preset]")?.remove();
  if (name === "preset") kind.append(make("option", { value: name }, t("data.kind.preset")));
  kind.querySelector("[value=table]").textContent = table ? table.name : t("data.kind.table");
  kind.value = name;
}

function numberInput(name, least, most) {
  const input = make("input", { type: "number", min: least, max: most, step: 1 });
  input.addEventListener("change", () => set(name, Math.min(Math.max(Math.trunc(input.value) || 0, least), most)));
  return input;
}

/** A slider for a share, which says its value in percent. */
function slider(name) {
  const [min, max, step] = SHARES[name];
  const input = make("input", { type: "range", min, max, step });
  const said = make("output", {});
  const show = (value) => {
    input.value = value;
    said.textContent = t("output.percent", { number: Math.round(100 * value) });
  };
  input.addEventListener("input", () => show(Number(input.value)));
  input.addEventListener("change", () => set(name, Number(input.value)));
  const element = field(`data.${name}`, input);
  element.querySelector("span").append(" ", said);
  return { input, field: element, show };
}

/** A file that is dropped on the page is a table; without this, a browser would leave the page and show the file. */
function watchDrop() {
  const isFile = ({ dataTransfer }) => dataTransfer.types.includes("Files"); // text may be dropped into a field
  document.addEventListener("dragover", (event) => { if (isFile(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    if (isHidden(TABLE)) return;
    const [file] = event.dataTransfer.files;
    if (file) openTable(file);
  });
}
