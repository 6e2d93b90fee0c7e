// The address holds everything; copies of it, and files of what is on screen.

import { make } from "/viewer/dom.js";
import { placeParts, takePlace } from "/viewer/address.js";
import { onChange } from "/viewer/state.js";
import { isPlaying, stop } from "/viewer/player.js";
import { ApiError, postForFile } from "./api.js";
import { button } from "./dom.js";
import { asPng, asSvg } from "./picture.js";
import { ask, onView, page, say } from "./session.js";
import { isHidden, t } from "./texts.js";

const KINDS = ["html", "latex", "markdown", "json", "model", "python"];
const REST = 200; // milliseconds after the last change; browsers count how often an address changes
let waiting = null;

/** Open what the address asks for: a link, or the beginning; this too where the link is damaged, which is then said. */
export async function openAddress() {
  const refused = await ask("open", wanted()) ? null : document.getElementById("status").textContent;
  if (refused === null) return;
  await ask("open");
  say(refused, "error");
}

function wanted() {
  const link = new URLSearchParams(location.hash.slice(1)).get("link");
  return link ? { link } : {};
}

export function watchShare() {
  takePlace(location.hash);
  onChange(rememberSoon);
  onView(rememberSoon);
  addEventListener("hashchange", follow);
  if (!isHidden("share")) document.getElementById("share").append(menu());
}

/** Another link was put into the address: open it. */
async function follow() {
  const { hash } = location;
  const { link } = wanted();
  clearTimeout(waiting);
  if (link && link !== page.view.link) {
    stop();
    if (!await ask("open", { link })) return remember(); // a damaged one does not stay in the address
  }
  takePlace(hash);
}

function rememberSoon() {
  clearTimeout(waiting);
  if (!page.training) waiting = setTimeout(remember, REST);
}

function remember() {
  if (isPlaying() && page.training) return;
  if (document.body.hasAttribute("data-tour")) return; // what was there before comes back, after a reload too
  history.replaceState(null, "", address());
}

function address() {
  const { link } = page.view;
  return `#${[...(link ? [`link=${link}`] : []), ...placeParts()].join("&")}`;
}

async function copyLink() {
  stop();
  remember();
  if (!page.view.link) return say(t("share.large"), "error");
  try {
    await navigator.clipboard.writeText(location.href);
    say(t("share.copied"));
  } catch { // a frame may not write there
    say(t("share.uncopied"), "error");
  }
}

function menu() {
  const files = KINDS.map((kind) => item(t(`share.${kind}`), () => save(kind)));
  const pictures = [item(t("share.svg"), () => download("network.svg", asSvg())), item(t("share.png"), async () => download("network.png", await asPng()))];
  const element = make("details", { className: "menu" }, make("summary", {}, t("share.label")),
    make("ul", {}, item(t("share.link"), copyLink), ...files, ...pictures));
  document.addEventListener("click", (event) => { if (!element.contains(event.target)) element.open = false; });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    element.open = false;
    element.firstElementChild.focus();
    event.stopPropagation();
  });
  return element;
}

function item(text, act) {
  return make("li", {}, button(text, async (event) => {
    event.currentTarget.closest("details").open = false;
    await act();
  }));
}

async function save(kind) {
  stop();
  try {
    const { session, generation } = page.view;
    const file = await postForFile("export", { session, generation, kind });
    download(file.name, file.content);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    say(error.message, "error", error.lang);
  }
}

function download(name, content) {
  const url = URL.createObjectURL(content);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
