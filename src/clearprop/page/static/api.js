// The way to the server: a JSON object there, a JSON object back.

export class ApiError extends Error {
  /** `said` is {what, got, expected, hint}; `status` the answer's, 0 where none came. */
  constructor(status, said) {
    const parts = [said.what, said.got && `got ${said.got}`, said.expected && `expected ${said.expected}`];
    super([...parts.filter(Boolean), said.hint].filter(Boolean).join("; "));
    this.status = status;
    this.said = said;
  }
}

/** Ask the server; the answer as an object. */
export async function post(name, body) {
  const answer = await send(name, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.json();
}

/** Ask for a file: its name and its content. */
export async function postForFile(name, body) {
  const answer = await send(name, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const [, file] = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "") ?? [];
  return { name: file ?? "clearprop", content: await answer.blob() };
}

export async function get(name) {
  return (await send(name, {})).json();
}

async function send(name, options) {
  let answer;
  try {
    answer = await fetch(`/api/${name}`, options);
  } catch {
    throw new ApiError(0, { what: "the server does not answer", hint: "is `clearprop play` still running?" });
  }
  if (!answer.ok) throw new ApiError(answer.status, await errorOf(answer));
  return answer;
}

async function errorOf(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return { what: `the server answered ${answer.status}` };
  }
}
