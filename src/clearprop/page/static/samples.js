// The samples as a table, and which of them are explained: those of the next batch, or the ones that are chosen.

import { make } from "/viewer/dom.js";
import { number } from "/viewer/numbers.js";
import { button } from "./dom.js";
import { sign } from "./legend.js";
import { ask, page } from "./session.js";
import { t } from "./texts.js";

const ROWS = 50; // of one leaf of the table
const DIGITS = 3;
const NAMED = 6; // samples by their number; of more, the first ones

/** Explain one sample of the training part; with `isOneMore`, beside those that are chosen already. Again: let it go. */
export function choose(row, isOneMore) {
  const before = page.view.settings.focus ?? [];
  const others = isOneMore ? before.filter((other) => other !== row) : [];
  const isChosen = before.includes(row) && before.length === others.length + 1;
  const rows = isChosen ? others : [...others, row].sort((a, b) => a - b);
  ask("set", { changes: { focus: rows.length ? rows : null } });
}

/** Whether a press is to choose one more. */
export function isMore({ shiftKey, ctrlKey, metaKey }) {
  return shiftKey || ctrlKey || metaKey;
}

/** A section with the table, how to show a view in it and to point at a sample; `point(row)` is told of one pointed at. */
export function samplesTable(point) {
  const several = make("input", { type: "checkbox" });
  const release = button(t("data.release"), () => ask("set", { changes: { focus: null } }), { className: "quiet" });
  const table = make("table", { className: "samples" });
  const leaf = make("nav", { className: "leaf" });
  leaf.setAttribute("aria-label", t("data.leaves"));
  const said = make("p", { className: "said" });
  const element = make("section", { data: { part: "samples" } },
    make("h3", {}, t("data.samples")), said, make("p", { className: "hint" }, t("data.hint")),
    make("div", { className: "choosing" }, make("label", {}, several, t("data.several")), release),
    make("div", { className: "scroll" }, table), leaf);
  const parts = { table, leaf, several, release, said, first: 0, focus: "" };
  table.addEventListener("keydown", (event) => walk(table, event));
  for (const kind of ["pointerover", "focusin"]) table.addEventListener(kind, (event) => point(rowAt(event.target)));
  for (const kind of ["pointerleave", "focusout"]) table.addEventListener(kind, () => point(null));
  return {
    element,
    isSeveral: () => several.checked,
    show: (view, changed) => show(parts, view, changed),
    point: (row) => pointAt(table, row),
  };
}

function show(parts, { data, place, settings }, changed) {
  const focus = String(settings.focus);
  const isNewFocus = settings.focus && focus !== parts.focus;
  parts.focus = focus;
  if (changed.has("data")) parts.first = 0;
  if (isNewFocus) parts.first = Math.floor(settings.focus.at(-1) / ROWS) * ROWS;
  if (changed.has("data") || isNewFocus) draw(parts, data);
  tell(parts, data, place, settings.focus);
  if (isNewFocus) reveal(parts.table);
}

function draw(parts, data) {
  const { table, leaf, first } = parts;
  const hadFocus = table.contains(document.activeElement) ? document.activeElement.dataset.row : null;
  const heads = [...data.inputs, ...data.targets];
  const all = [...data.train, ...data.test];
  const rows = all.slice(first, first + ROWS).map((row, k) => rowOf(parts, row, first + k, data));
  table.replaceChildren(
    make("thead", {}, make("tr", {}, make("td", {}), ...heads.map((name) => make("th", { scope: "col", title: name }, name)))), make("tbody", {}, ...rows));
  table.querySelector("button")?.setAttribute("tabindex", "0");
  if (hadFocus) table.querySelector(`[data-row="${hadFocus}"]`)?.focus();
  leaf.replaceChildren(...leaves(parts, data, all.length));
}

/** The sample whose row holds an element; null for one of the test part. */
function rowAt(element) {
  const row = element.closest("tr")?.querySelector("[data-row]")?.dataset.row;
  return row === undefined ? null : Number(row);
}

function pointAt(table, row) {
  table.querySelector(".pointed")?.classList.remove("pointed");
  table.querySelector(`[data-row="${row}"]`)?.closest("tr").classList.add("pointed");
}

function rowOf(parts, row, k, data) {
  const isTest = k >= data.train.length;
  const number = isTest ? t("data.test.short") : chooser(parts, k);
  const inputs = row.slice(0, data.inputs.length).map(written);
  const targets = row.slice(data.inputs.length);
  const answers = data.classes.length ? [[sign(targets[0], isTest ? "test" : "train"), data.classes[targets[0]]]] : targets.map((one) => [written(one)]);
  return make("tr", { className: isTest ? "test" : "" }, make("th", { scope: "row" }, number),
    ...inputs.map((text) => make("td", {}, text)), ...answers.map((nodes) => make("td", { className: "target" }, ...nodes)));
}

function chooser({ several }, k) {
  const element = button(String(k), (event) => choose(k, several.checked || isMore(event)), { label: t("data.explain", { row: k }) });
  element.dataset.row = k;
  element.tabIndex = -1; // one of them is reached by Tab, the others by ↑ and ↓
  return element;
}

/** Scroll the table, and nothing around it, so that the sample chosen last is seen. */
function reveal(table) {
  const row = [...table.querySelectorAll("[aria-pressed=true]")].at(-1)?.closest("tr");
  if (row) table.parentElement.scrollTop = row.offsetTop - table.parentElement.clientHeight / 2;
}

/** Mark what the next step is on, and say it; while it trains there is nothing to say. */
function tell({ table, said, release }, data, { rows }, focus) {
  const now = new Set(page.training ? [] : rows);
  for (const one of table.querySelectorAll("[data-row]")) {
    const isNow = now.has(Number(one.dataset.row));
    one.closest("tr").classList.toggle("explained", isNow && rows.length < data.train.length);
    one.setAttribute("aria-pressed", String(Boolean(focus) && isNow));
  }
  const key = focus ? "data.focus" : rows.length === data.train.length ? "data.all" : "data.batch";
  const words = { count: rows.length, rows: rows.length > NAMED ? `${rows.slice(0, NAMED).join(", ")}, …` : rows.join(", ") };
  said.textContent = page.training ? t("data.training") : t(rows.length === 1 ? `${key}.one` : key, words);
  release.hidden = !focus;
}

function leaves(parts, data, count) {
  if (count <= ROWS) return [];
  const turn = (first) => { parts.first = first; draw(parts, data); tell(parts, data, page.view.place, page.view.settings.focus); };
  const last = Math.min(parts.first + ROWS, count);
  return [
    button("‹", () => turn(parts.first - ROWS), { label: t("data.leaf.before"), disabled: !parts.first }),
    make("span", {}, t("data.leaf", { from: parts.first, to: last - 1, count })),
    button("›", () => turn(parts.first + ROWS), { label: t("data.leaf.next"), disabled: last === count }),
  ];
}

/** ↑ and ↓ go through the samples of a leaf. */
function walk(table, event) {
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const all = [...table.querySelectorAll("[data-row]")];
  const next = way && all[all.indexOf(event.target) + way];
  if (!next) return;
  event.preventDefault();
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function written(value) {
  return number(Number(value), DIGITS);
}
