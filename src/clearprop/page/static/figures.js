// How good the network is now: loss and accuracy or R², of the samples it learns from and of the others.

import { make } from "/viewer/dom.js";
import { ON_CANVAS, number } from "/viewer/numbers.js";
import { t } from "./texts.js";

/** A table, and how to show the figures of a view in it. */
export function figuresTable() {
  const body = make("tbody", {});
  const heads = ["train", "test"].map((part) => make("th", { scope: "col" }, t(`output.${part}`)));
  const caption = make("caption", { className: "unseen" }, t("output.figures"));
  const element = make("table", { className: "figures" }, caption, make("thead", {}, make("tr", {}, make("td", {}), ...heads)), body);
  const show = ({ figures }) => {
    body.replaceChildren(...rowsOf(figures));
    element.toggleAttribute("data-untested", figures.test_loss === null);
  };
  return { element, show };
}

function rowsOf({ loss, test_loss: testLoss, penalty, metric }) {
  const rows = [row(t("output.loss"), [loss, testLoss].map(exact))];
  if (penalty) rows.push(row(t("output.penalty"), [exact(penalty), ""]));
  if (metric) rows.push(row(nameOf(metric.name), [metric.train, metric.test].map((one) => written(metric.name, one))));
  return rows;
}

function row(name, cells) {
  return make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)));
}

/** A metric as people write it: accuracy in percent. */
export function written(name, value) {
  if (name !== "accuracy" || !Number.isFinite(value)) return exact(value);
  return t("output.percent", { number: number(100 * value, 3) });
}

export function nameOf(metric) {
  return metric === "accuracy" ? t("output.accuracy") : metric;
}

function exact(value) {
  return Number.isFinite(value) ? number(value, ON_CANVAS) : "–"; // what is not finite comes as a word
}
