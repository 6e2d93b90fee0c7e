// A table of one's own: paste or upload it, choose inputs and target, look at its first rows.

import { make } from "/viewer/dom.js";
import { post } from "./api.js";
import { button } from "./dom.js";
import { ask, page } from "./session.js";
import { language, t } from "./texts.js";

const WAIT = 300; // milliseconds without a letter typed before the table is looked at
let parts = null;
let used = null; // the table in use, with its text

/** Remember the table in use: its text comes only with its data. */
export function keepTable(table) {
  used = table;
}

/** Open the dialog, with a file where one was dropped, or else with the table in use. */
export function openTable(file) {
  parts ??= build();
  parts.dialog.showModal();
  if (file) read(file);
  else if (used) take(used.text, used.name);
}

function build() {
  const text = make("textarea", { rows: 6, spellcheck: false, placeholder: "x1,x2,y\n0.5,1.2,yes\n…" });
  const file = make("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv,text/plain" });
  const found = make("div", { className: "found" });
  const trouble = make("p", { className: "trouble", role: "alert" });
  const use = button(t("table.use"), choose, { disabled: true, className: "main" });
  const dialog = make("dialog", { id: "table" },
    make("h2", { id: "table-title" }, t("table.title")), make("p", {}, t("table.text", { inputs: page.choices.limits.inputs })),
    make("label", { className: "field" }, make("span", {}, t("table.file")), file),
    make("label", { className: "field" }, make("span", {}, t("table.paste")), text),
    trouble, found,
    make("div", { className: "answers" }, use, button(t("table.cancel"), () => dialog.close(), {})));
  dialog.setAttribute("aria-labelledby", "table-title");
  file.addEventListener("change", () => file.files[0] && read(file.files[0]));
  let waiting = 0;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look(t("table.pasted")), WAIT);
  });
  document.body.append(dialog);
  return { dialog, text, found, trouble, use, name: "", asked: 0, columns: [] };
}

/** A file's text: UTF-8, or else what Windows writes. */
async function read(file) {
  if (file.size > page.choices.limits.table) {
    complain(t("table.large", { size: page.choices.limits.table / 1000 }));
    return;
  }
  const bytes = await file.arrayBuffer();
  try {
    take(new TextDecoder("utf-8", { fatal: true }).decode(bytes), file.name);
  } catch {
    take(new TextDecoder("windows-1252").decode(bytes), file.name);
  }
}

function take(text, name) {
  parts.text.value = text;
  look(name);
}

/** Ask the server what is in the table. */
async function look(name) {
  parts.name = name;
  parts.asked += 1;
  parts.use.disabled = true; // what is chosen below is of the text before
  const { asked } = parts;
  try {
    const { session, generation } = page.view;
    const seen = await post("table", { session, generation, name, text: parts.text.value });
    if (asked === parts.asked) showFound(seen);
  } catch (error) {
    if (asked === parts.asked) complain(error.message, error.lang);
  }
}

/** A line within the dialog: what is wrong, in the language of whoever says it. */
function say(text, lang = language) {
  Object.assign(parts.trouble, { textContent: text, lang });
}

function complain(text, lang) {
  say(text, lang);
  parts.found.replaceChildren();
  parts.use.disabled = true;
}

/** What a column holds; of one that is mostly numbers, the first cell that is none, for that may be a slip. */
function kindOf({ numeric, odd }) {
  if (!odd) return t(numeric ? "table.numbers" : "table.texts");
  const [cell, line] = odd;
  return t(cell ? "table.odd" : "table.gap", { cell, line });
}

function showFound({ columns, rows, first, comma }) {
  say("");
  parts.columns = columns;
  const [inputs, target] = firstChoice(columns);
  const heads = columns.map((column) => {
    const { name, numeric } = column;
    const box = make("input", { type: "checkbox", checked: inputs.includes(name), disabled: !numeric || name === target, value: name });
    box.addEventListener("change", check);
    return make("th", { scope: "col" }, make("label", { title: name }, box, make("span", {}, name)), make("small", {}, kindOf(column)));
  });
  const choice = make("select", {}, ...columns.map(({ name }) => make("option", { value: name, selected: name === target }, name)));
  choice.addEventListener("change", () => {
    offerClasses();
    check();
  });
  const kind = make("select", {});
  const kindField = make("label", { className: "field" }, make("span", {}, t("table.as")), kind);
  Object.assign(parts, { boxes: heads.map((head) => head.querySelector("input")), choice, first, kind, kindField });
  const note = comma ? [make("p", { className: "comma" }, t("table.comma", { cell: comma[0], number: comma[1] }))] : [];
  parts.found.replaceChildren(...note,
    make("label", { className: "field" }, make("span", {}, t("table.target")), choice), kindField,
    make("fieldset", {}, make("legend", {}, t("table.inputs", { rows })),
      make("div", { className: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ...heads)),
        make("tbody", {}, ...first.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell)))))))));
  offerClasses();
  check();
}

/** A few different numbers may be classes as well, all the more with a text among them; whole ones are at first. */
function offerClasses() {
  const { columns, choice, first, kind, kindField } = parts;
  const at = columns.findIndex(({ name }) => name === choice.value);
  const { numeric, odd, different } = columns[at];
  kindField.hidden = !(numeric || odd) || different < 2 || different > page.choices.limits.outputs;
  const isWhole = numeric && first.every((row) => /^[+-]?\d+$/.test(row[at]));
  const { table } = page.view.settings.data;
  const areClasses = table?.target === choice.value ? Boolean(table.classes) : isWhole;
  const options = [["numbers", !areClasses], ["classes", areClasses]];
  kind.replaceChildren(...options.map(([value, selected]) => make("option", { value, selected }, t(`table.as.${value}`, { count: different }))));
}

/** What was chosen before, or the last column from the numbers before it. */
function firstChoice(columns) {
  const names = columns.map(({ name }) => name);
  const { table } = page.view.settings.data;
  if (table && [...table.inputs, table.target].every((name) => names.includes(name))) return [table.inputs, table.target];
  const target = names.at(-1);
  const inputs = columns.filter(({ name, numeric }) => numeric && name !== target).map(({ name }) => name);
  return [inputs.slice(0, page.choices.limits.inputs), target];
}

/** The target is no input; and there are inputs, but not too many. */
function check() {
  const { boxes, choice, columns, use } = parts;
  boxes.forEach((box, k) => {
    box.disabled = !columns[k].numeric || box.value === choice.value;
    if (box.disabled) box.checked = false;
  });
  const count = boxes.filter((box) => box.checked).length;
  use.disabled = count < 1 || count > page.choices.limits.inputs;
  say(use.disabled ? t("table.count", { most: page.choices.limits.inputs, count }) : "");
}

async function choose() {
  const inputs = parts.boxes.filter((box) => box.checked).map((box) => box.value);
  const classes = parts.kindField.hidden ? null : parts.kind.value === "classes";
  const table = { name: parts.name, text: parts.text.value, inputs, target: parts.choice.value, classes };
  const answer = await ask("set", { changes: { data: { kind: "table", table } } });
  if (answer) parts.dialog.close();
  else {
    const { textContent, lang } = document.getElementById("status");
    say(textContent, lang);
  }
}
