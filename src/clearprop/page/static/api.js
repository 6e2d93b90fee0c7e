// The way to the server: a JSON object there, a JSON object back.

import { language, t } from "./texts.js";

export class ApiError extends Error {
  /** `said` is {what, got, expected, hint}; `status` the answer's, 0 where none came; `lang` its language. */
  constructor(status, said, lang = "en") {
    const parts = [said.what, said.got && `got ${said.got}`, said.expected && `expected ${said.expected}`];
    super([...parts.filter(Boolean), said.hint].filter(Boolean).join("; "));
    this.status = status;
    this.said = said;
    this.lang = lang;
  }
}

/** Ask the server; the answer as an object. */
export async function post(name, body) {
  return (await sendObject(name, body)).json();
}

/** Ask for a file: its name and its content. */
export async function postForFile(name, body) {
  const answer = await sendObject(name, body);
  const [, file] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "") ?? [];
  return { name: file ?? "clearprop", content: await answer.blob() };
}

export async function get(name) {
  return (await send(name, {})).json();
}

function sendObject(name, body) {
  return send(name, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

async function send(name, options) {
  let answer;
  try {
    answer = await fetch(`/api/${name}`, options);
  } catch {
    throw new ApiError(0, { what: t("status.silent"), hint: t("status.silent.hint") }, language);
  }
  if (!answer.ok) throw await errorOf(answer);
  return answer;
}

async function errorOf(answer) {
  try {
    const { error } = await answer.json();
    return new ApiError(answer.status, { ...error, hint: error.hint && `try ${error.hint}` });
  } catch { // it was the guard who answered: this page's cookie is that of a server which has ended
    const [what, hint] = answer.status === 403 ? [t("status.ended"), t("status.ended.hint")] : [t("status.answered", { status: answer.status })];
    return new ApiError(answer.status, { what, hint }, language);
  }
}
