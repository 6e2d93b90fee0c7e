// The page's session on the server: what it shows, which generation that is, and how to ask for another.
// Requests go one after the other; an answer that is not newer than what is shown is thrown away.

import { ApiError, get, post } from "./api.js";
import { language, t } from "./texts.js";

/** `view`: the last view, whole; `choices`: what can be chosen; `busy`: answers awaited; `training`: it runs. */
export const page = { view: null, choices: null, busy: 0, training: false };

const KEPT = ["data", "picture", "story", "link", "figures", "notes"]; // null in an answer: as before
const ANEW = ["open", "look"]; // these replace everything
const STALE = ["set", "edit", "reset", ...ANEW]; // after these nothing computed is true until the answer
const listeners = [];
const status = document.getElementById("status");
let last = Promise.resolve();
let run = 0; // one more whenever everything is replaced; answers of an earlier one are thrown away
let stale = 0; // how many answers are awaited until all is true again

/** Call `listener(view, changed)` with every new view; `changed` holds the names of the parts that came with it. */
export function onView(listener) {
  listeners.push(listener);
}

/** Fetch what can be chosen, before anything is opened. */
export async function fetchChoices() {
  page.choices = await get("choices");
}

/**
 * Ask the server. A view is shown as it comes; anything else is returned only.
 * Returns the answer, or null where it failed or came too late; the status line then says why.
 */
export function ask(name, body = {}) {
  if (ANEW.includes(name)) run += 1;
  const own = run;
  count(name, 1);
  const answer = last.then(() => (own === run ? answerTo(name, body, own) : null)).finally(() => count(name, -1));
  last = answer.catch(() => null);
  return answer;
}

async function answerTo(name, body, own, isAgain = false) {
  try {
    const known = name === "open" || !page.view ? {} : { session: page.view.session, generation: page.view.generation };
    const answer = await post(name, { ...known, ...body });
    if (own !== run) return null;
    if (name !== "train") say("");
    if (answer.settings) show(answer, ANEW.includes(name));
    return answer;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (own !== run) return null;
    if ([409, 410].includes(error.status) && page.view && !isAgain && !ANEW.includes(name)) return openAgain(name, body, own);
    say(error.message, "error", error.lang);
    if (page.view) tell(new Set(["settings"])); // what was chosen did not come to be: controls go back
    return null;
  }
}

/**
 * The server dropped the session, or another tab moved it: open it from its link, then ask once more. What was trained
 * since the last link is lost, and so is all of it where there is none; the status line says so.
 */
async function openAgain(name, body, own) {
  const { link } = page.view;
  const isBack = Boolean(link) && !["train", "settle"].includes(name);
  const reopened = await answerTo("open", link ? { link } : {}, own, true);
  if (!reopened) return null;
  const answer = isBack ? await answerTo(name, body, own, true) : reopened;
  if (answer) say(t(isBack ? "status.reopened" : link ? "status.rewound" : "status.lost"), isBack ? "said" : "error");
  return answer;
}

function show(answer, isAnew) {
  const isSame = page.view?.session === answer.session;
  if (isSame && answer.generation < page.view.generation) return;
  if (isAnew && page.view) page.view = { ...page.view, curve: { from: 0, points: [] } };
  const changed = new Set(Object.keys(answer).filter((part) => answer[part] !== null));
  const kept = Object.fromEntries(KEPT.filter((part) => !changed.has(part)).map((part) => [part, page.view?.[part] ?? null]));
  const curve = answer.curve ? joined(page.view?.curve, answer.curve, isSame) : page.view?.curve ?? { from: 0, points: [] };
  page.view = { ...answer, ...kept, curve };
  tell(changed);
}

function tell(changed) {
  for (const listener of listeners) listener(page.view, changed);
}

function joined(seen, curve, isSame) {
  return { from: 0, points: [...(isSame ? seen?.points ?? [] : []).slice(0, curve.from), ...curve.points] };
}

function count(name, more) {
  page.busy += more;
  if (STALE.includes(name)) stale += more;
  document.body.toggleAttribute("data-busy", page.busy > 0);
  document.body.toggleAttribute("data-stale", stale > 0);
}

/** One line at the bottom for what went wrong or well. */
export function say(text, kind = "said", lang = language) {
  status.lang = lang;
  status.textContent = text;
  status.dataset.kind = kind;
}
