// The gradient of a weight as a sum over the paths from the loss back to it.

import { make } from "./dom.js";
import { word } from "./words.js";
import { keyOf, parameterOf, story } from "./story.js";
import { IN_PANEL, ON_CANVAS, number } from "./numbers.js";
import { isKnown, openFurther, state } from "./state.js";
import { entrySymbol, formulaOf } from "./symbols.js";

/** The paths to an entry, if it is a weight, a bias or the gradient of one. */
export function pathsOf(name, index) {
  const parameter = parameterOf(name);
  if (!parameter) return [];
  const layer = story.layers.find((one) => [one.W, one.b].includes(parameter));
  const gradient = parameter === layer.W ? layer.dW : layer.db;
  const found = story.paths[keyOf(parameter, index)];
  if (!found || (state.isVeiled && !isKnown(gradient))) return [];
  const { count } = found;
  const kind = `paths.${count === 1 ? "one" : "many"}${found.others ? ".penalty" : ""}`;
  const title = make("summary", {}, word(kind, { count }));
  const total = make("p", {}, entrySymbol(gradient, index), ` = ${number(Number(found.gradient), IN_PANEL)}`);
  const list = make("ol", {}, ...found.paths.map(item));
  const details = make("details", { className: "paths" }, title, total, list);
  const left = count - found.paths.length;
  if (left) details.append(make("p", {}, word("paths.rest", { count: left, value: number(Number(found.rest), IN_PANEL) })));
  if (found.others) details.append(make("p", {}, word("paths.penalty", { value: number(Number(found.others), IN_PANEL) })));
  return [details];
}

function item(path) {
  const factors = path.factors.flatMap(([name, value], k) => {
    const note = k === path.smallest && path.factors.length > 1 ? make("em", {}, word("paths.smallest")) : "";
    const factor = make("span", { className: "factor" },
      make("span", {}, ...formulaOf(name, openFurther)), make("b", {}, number(Number(value), ON_CANVAS)), note);
    return k ? [make("span", {}, "·"), factor] : [factor];
  });
  const head = make("span", { className: "sample" }, word("paths.sample", { sample: path.sample }));
  return make("li", {}, head, make("span", {}, number(Number(path.value), IN_PANEL)),
    make("div", { className: "factors" }, ...factors));
}
