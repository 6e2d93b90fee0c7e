// The drawing of the network as an image that stands alone: styles inside, symbols as text.

import { svg } from "/viewer/dom.js";
import { story } from "/viewer/story.js";

const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "text-anchor", "paint-order"];
const SCALE = 2; // pixels of a PNG for one of the drawing

/** The drawing as an SVG file. */
export function asSvg() {
  return new Blob([standing()], { type: "image/svg+xml" });
}

/** The drawing as a PNG file, drawn by the browser from the SVG one. */
export async function asPng() {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standing())}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth * SCALE, height: image.naturalHeight * SCALE });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function standing() {
  const drawn = document.querySelector("#drawing svg");
  const copy = drawn.cloneNode(true);
  const originals = [...drawn.querySelectorAll("*")];
  const copies = [...copy.querySelectorAll("*")];
  originals.forEach((one, k) => dress(copies[k], getComputedStyle(one)));
  for (const symbol of copy.querySelectorAll("foreignObject")) symbol.replaceWith(asText(symbol));
  for (const unseen of copy.querySelectorAll("defs, title, .touch")) unseen.remove();
  const { width, height } = drawn.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.removeAttribute("style");
  copy.prepend(svg("rect", { width, height, fill: getComputedStyle(document.body).backgroundColor }));
  return new XMLSerializer().serializeToString(copy);
}

/** Computed styles as attributes; custom properties and classes mean nothing elsewhere. */
function dress(element, style) {
  for (const name of STYLES) element.setAttribute(name, plainColour(style.getPropertyValue(name)));
  element.setAttribute("color", plainColour(style.color));
  for (const name of ["style", "class", "data-ref", "data-sign"]) element.removeAttribute(name);
}

/** A mixed colour, which browsers alone can read, as red, green and blue. */
function plainColour(value) {
  return value.replace(/color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ [\d.e-]+)?\)/g,
    (_, ...parts) => `rgb(${parts.slice(0, 3).map((part) => Math.round(255 * part))})`);
}

/** A symbol as text, since mathematics within an SVG is shown by browsers only. */
function asText(symbol) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(symbol.getAttribute(name)));
  const [, letter, layer, rest] = /^(\D*)(\d*)(.*)$/.exec(story.arrays[symbol.dataset.name].plain);
  const look = { x: x + width / 2, y: y + height / 2 + 4, "text-anchor": "middle", "font-family": "serif", "font-size": 17, fill: symbol.getAttribute("color") };
  return svg("text", look, letter, svg("tspan", { dy: 4, "font-size": 12 }, `${layer}${rest.replace("_", " ")}`));
}
