// What a picture's colours and shapes mean, and what it leaves out.

import { make, svg } from "/viewer/dom.js";
import { number } from "/viewer/numbers.js";
import { mark, toneOf } from "./points.js";
import { t } from "./texts.js";

const DIGITS = 3;
const BOX = { viewBox: "-6.5 -6.5 13 13", "aria-hidden": "true" }; // around a mark

/** The entries of a legend, as list items; `answers` are the ends of what there should be. */
export function legendOf(data, picture, answers) {
  const { classes, test } = data;
  const isPlane = picture.kind === "plane";
  const entries = classes.map((name, code) => entry(sign(code, "train"), name));
  if (!classes.length && isPlane) entries.push(scale(answers));
  if (!isPlane && picture.y.length === 1) entries.push(entry(line(), t("plane.curve")));
  if (test.length) entries.push(entry(sign(classes.length ? 0 : null, "test"), t("plane.test")));
  return [...entries, ...omissions(data, isPlane)];
}

/** The mark of a class, as in the picture. */
export function sign(code, kind) {
  return svg("svg", { ...BOX, class: code === null ? "sign" : `sign ${toneOf(code)}` }, mark(code, 0.5, [0, 0], kind));
}

function entry(picture, name) {
  return make("li", { title: name }, picture, make("span", {}, name));
}

function line() {
  return svg("svg", { ...BOX, class: "sign" }, svg("line", { x1: -6, x2: 6, class: "curve" }));
}

/** From the colour of the least number to that of the largest. */
function scale([least, most]) {
  const bar = make("i", { className: "scale" });
  return make("li", {}, number(least, DIGITS), bar, number(most, DIGITS));
}

/** A plane has two inputs, and is of one answer. */
function omissions({ inputs, targets, classes }, isPlane) {
  const said = [];
  if (isPlane && inputs.length > 2) said.push(t("plane.others"));
  if (!classes.length && targets.length > 1) said.push(t("plane.first", { target: targets[0] }));
  return said.map((text) => make("li", { className: "omission" }, text));
}
