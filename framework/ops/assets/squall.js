// What the pages do beyond links and forms. The server renders everything; this keeps numbers fresh, sorts and
// filters tables, opens actions as dialogs and reads keys. Nothing here is needed to see or to do anything.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const now = () => performance.now();

// ---- Numbers: the same words that the server writes ----

const grouped = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
const three = (value) => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
const unit = (value, name) => `${value.toFixed(value < 9.95 ? 1 : 0)} ${name}`;
const pair = (great, name, small, lesser) => `${great} ${name}${small > 0 ? ` ${small} ${lesser}` : ""}`;

const FORMATS = {
  count: grouped,
  rate(value) {
    if (value < 0.005) return "0";
    if (value < 0.995) return value.toFixed(2);
    if (value < 9.95) return value.toFixed(1);
    if (value < 9999.5) return grouped(value);
    return value < 999500 ? `${three(value / 1e3)}k` : `${three(value / 1e6)}M`;
  },
  seconds(value) {
    if (value <= 0) return "0 s";
    if (value < 0.0009995) return unit(value * 1e6, "µs");
    if (value < 0.9995) return unit(value * 1e3, "ms");
    if (value < 59.95) return unit(value, "s");
    const whole = Math.round(value);
    if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
    if (whole < 86400) return pair(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
    return pair(Math.floor(whole / 86400), "d", Math.floor((whole % 86400) / 3600), "h");
  },
  percent: (value) => value < 0.0005 ? "0 %" : `${(100 * value).toFixed(value < 0.0095 ? 1 : 0)} %`,
  text: String,
};

// ---- Binding: leaves of the page to leaves of the stream ----

const STATES = {
  running: ["ok", "Running"], paused: ["idle", "Paused"], draining: ["busy", "Draining"], stopping: ["busy", "Stopping"],
  ended: ["idle", "Ended"], failed: ["bad", "Failed"], degraded: ["warn", "Degraded"],
};
let leaves = [];
const raw = new WeakMap();

/** Finds what is bound, once; a tick then only reads and writes. A path is `topologies/NAME/components/NAME/field`. */
function collect() {
  const bound = (attribute, write, rest) => all(`[data-${attribute}]`).map((element) => {
    const [path, name = "text"] = element.dataset[attribute].split("|");
    return { element, keys: path.split("/"), write, name, ...rest?.(element) };
  });
  leaves = [
    ...bound("bind", writeText, (element) => ({ text: element.firstChild ?? element.appendChild(new Text()) })),
    ...bound("bar", ({ element }, value) => element.setAttribute("width", 100 * Math.min(Number(value) || 0, 1))),
    ...bound("state", writeState),
    ...bound("spark", writeSpark, (element) => ({
      values: element.dataset.values.split(" ").filter(Boolean).map(Number), since: now(),
      step: 1000 * element.dataset.step, line: one("polyline", element), area: one("polygon", element),
    })),
  ];
}

/** The element of a list is found by its name. */
function read(data, keys, lists) {
  let value = data;
  for (const key of keys) {
    if (value === null || value === undefined) return undefined;
    if (Array.isArray(value)) {
      if (!lists.has(value)) lists.set(value, new Map(value.map((entry) => [entry.name, entry])));
      value = lists.get(value).get(key);
    } else value = value[key];
  }
  return value;
}

function tick(data) {
  const lists = new Map();
  for (const leaf of leaves) {
    const value = read(data, leaf.keys, lists);
    if (value === leaf.last && leaf.write !== writeSpark) continue;
    leaf.last = value;
    leaf.write(leaf, value);
  }
}

function writeText({ element, name, text }, value) {
  raw.set(element, value);
  const words = value === null || value === undefined ? "–" : FORMATS[name](value);
  if (text.data !== words) text.data = words;
}

function writeState({ element }, value) {
  const [kind, word] = STATES[value] ?? ["idle", String(value)];
  element.classList.remove(...Object.values(STATES).map(([kind]) => kind));
  element.classList.add(kind);
  one("use", element).setAttribute("href", `#i-${kind}`);
  one("[data-word]", element).textContent = word;
}

/** What the overview shows of all topologies together, added up as the server does. */
function addUp(data) {
  const topologies = data.topologies;
  const sum = (field) => topologies.reduce((sum, topology) => sum + topology[field], 0);
  const slowest = topologies.map((topology) => topology.complete_p99_seconds).filter(Number.isFinite);
  data.total = { complete_p99_seconds: slowest.length ? Math.max(...slowest) : null };
  for (const field of ["emitted_per_s", "acked_per_s", "failed_per_s", "pending"]) data.total[field] = sum(field);
  const are = (...wanted) => topologies.length > 0 && topologies.every(({ state }) => wanted.includes(state));
  if (topologies.some(({ state }) => state === "failed")) data.state = "failed";
  else if (data.draining) data.state = "draining";
  else if (are("ended")) data.state = "ended";
  else data.state = are("paused", "ended") ? "paused" : isDegraded ? "degraded" : "running";
}

/** The last point is what is now; after each step the line moves on. */
function writeSpark(leaf, value) {
  const { values } = leaf;
  if (values.length < 2) return;
  if (now() - leaf.since >= leaf.step) {
    leaf.since += leaf.step;
    values.push(NaN);
    if (values.length > 60) values.shift();
  }
  values[values.length - 1] = value ?? NaN;
  const most = Math.max(0, ...values.filter(Number.isFinite));
  const points = [];
  values.forEach((value, at) => {
    if (Number.isFinite(value)) points.push([(at / (values.length - 1)) * 120, 2 + (1 - (most > 0 ? value / most : 0)) * 28]);
  });
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  if (leaf.drawn === line || points.length === 0) return;
  leaf.drawn = line;
  leaf.line.setAttribute("points", line);
  leaf.area.setAttribute("points", `${points[0][0].toFixed(1)},32 ${line} ${points.at(-1)[0].toFixed(1)},32`);
}

// ---- Stream: one a page, none while nobody looks ----

let source = null;
let isPaused = false;
let updated = now();
let states = {};
let isDegraded = false;
let found = null;
let soon = 0;

function follow() {
  const wanted = !document.hidden && !isPaused;
  if (!wanted) {
    source?.close();
    source = null;
    return;
  }
  if (source) return;
  source = new EventSource("/api/v1/stream");
  source.addEventListener("stats", (message) => {
    updated = now();
    lost(false);
    const data = JSON.parse(message.data);
    addUp(data);
    tick(data);
    notice(data);
    refresh(all("[data-refresh]").filter(isDue));
  });
  source.addEventListener("finding", (message) => {
    const { findings } = JSON.parse(message.data);
    const ids = findings.map(({ id }) => id).join();
    isDegraded = findings.some(({ category }) => category === "page");
    if (found !== null && found !== ids) refresh(all("#findings"));
    found = ids;
  });
  // What somebody did, and what became of it, comes in a row: one look at the page is enough for all of it.
  for (const kind of ["event", "graph"]) source.addEventListener(kind, () => {
    clearTimeout(soon);
    soon = setTimeout(() => refresh(all("[data-refresh]")), 400);
  });
  source.addEventListener("error", () => {
    lost(true);
    // The browser connects again by itself, unless the server refused: then it is asked again, not by all at once.
    if (source?.readyState === EventSource.CLOSED) {
      source = null;
      setTimeout(follow, 2000 + 3000 * Math.random());
    }
  });
}

function lost(is) {
  const banner = one("#lost");
  if (banner.hidden !== is) return;
  banner.hidden = !is;
  if (!is) announce("Connected again.");
}

function announce(sentence) {
  one("#announce").textContent = sentence;
}

/** Ears are told what changed, and never what only ticks. */
function notice(data) {
  for (const { name, state } of data.topologies) {
    if (states[name] && states[name] !== state) announce(`${name}: ${(STATES[state] ?? [, state])[1]}`);
    states[name] = state;
  }
}

function showAge() {
  const seconds = (now() - updated) / 1000;
  const age = one("#age");
  age.textContent = isPaused ? "paused" : `updated ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s ago`;
  age.classList.toggle("late", seconds > 5 && !isPaused);
}

function pause() {
  isPaused = !isPaused;
  const button = one("#live");
  button.setAttribute("aria-pressed", String(isPaused));
  one("span", button).textContent = isPaused ? "Paused" : "Live";
  one("use", button).setAttribute("href", isPaused ? "#i-paused" : "#i-live");
  follow();
  showAge();
}

// ---- Fragments: what is more than a number comes from the server, as the page has it ----

const drawn = new WeakMap();

async function page(url) {
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

const isInUse = (element) => element.contains(document.activeElement) && document.activeElement !== document.body
  || one("details[open]", element) || !getSelection().isCollapsed && element.contains(getSelection().anchorNode);

function isDue(element) {
  if (!drawn.has(element)) drawn.set(element, now());
  return now() - drawn.get(element) >= 1000 * element.dataset.refresh;
}

async function refresh(regions) {
  if (isPaused || one("dialog[open]")) return;
  regions = regions.filter((element) => !isInUse(element));
  if (!regions.length) return;
  regions.forEach((element) => drawn.set(element, now()));
  const fresh = await page(location.href).catch(() => null);
  if (!fresh) return;
  for (const old of regions) {
    const next = fresh.getElementById(old.id);
    if (!next || isInUse(old)) continue;
    const scrolled = all(".scroll", old).map((element) => element.scrollLeft);
    old.replaceWith(next);
    drawn.set(next, now());
    all(".scroll", next).forEach((element, at) => { element.scrollLeft = scrolled[at] ?? 0; });
    prepare(next);
  }
  collect();
}

// ---- Tables ----

const order = {};

function key(row, column) {
  const cell = row.cells[column];
  const bound = one("[data-bind]", cell);
  const value = (bound && raw.get(bound)) ?? cell.dataset.sort ?? cell.textContent.trim();
  return value === "" || Number.isNaN(Number(value)) ? value : Number(value);
}

function sort(table, column, direction) {
  order[table.id] = [column, direction];
  const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  rows.sort(([a], [b]) => (direction === "ascending" ? 1 : -1) * compare(a, b));
  table.tBodies[0].append(...rows.map(([, row]) => row));
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    if (at === column) head.setAttribute("aria-sort", direction);
    else head.removeAttribute("aria-sort");
  });
}

function onHead(event) {
  const head = event.currentTarget;
  const isSorted = head.getAttribute("aria-sort");
  const first = head.classList.contains("num") ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const link = one("a", head);
  event.preventDefault();
  sort(head.closest("table"), head.cellIndex, isSorted === first ? other : first);
  if (link) history.replaceState(null, "", link.href);
}

function filter(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of one(`#${input.dataset.filter}`)?.tBodies[0]?.rows ?? []) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  const url = new URL(location.href);
  input.value ? url.searchParams.set(input.name, input.value) : url.searchParams.delete(input.name);
  history.replaceState(null, "", url);
}

function move(by) {
  const rows = all("main tr[data-href]").filter((row) => !row.hidden);
  const at = rows.findIndex((row) => row.classList.contains("cursor"));
  const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  rows[at]?.classList.remove("cursor");
  next?.classList.add("cursor");
  next?.scrollIntoView({ block: "nearest" });
}

// ---- Dialogs, copying, tap ----

async function open(href) {
  const form = (await page(href)).getElementById("action");
  if (!form) return void location.assign(href);
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.setAttribute("aria-labelledby", "action-title");
  dialog.append(form);
  prepare(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("input", async () => {
    const url = new URL(href, location.href);
    new FormData(form).forEach((value, name) => url.searchParams.set(name, value));
    const next = (await page(url)).getElementById("effect");
    if (next) one("#effect", form)?.replaceWith(next);
    prepare(form);
  });
  dialog.showModal();
}

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS there is no clipboard for scripts; what is selected can still be copied.
    const area = button.parentNode.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  announce("Copied.");
  const toast = (button.closest("dialog") ?? document.body).appendChild(document.createElement("p"));
  toast.className = "toast";
  toast.textContent = "Copied";
  setTimeout(() => toast.remove(), 1500);
}

function tap(form) {
  const list = one("ol", form.parentNode);
  const button = one("button", form);
  let source = null;
  const stop = (word) => {
    source?.close();
    source = null;
    button.textContent = "Start";
    if (word) announce(word);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (source) return stop("Tap stopped.");
    source = new EventSource(`${form.getAttribute("action")}?${new URLSearchParams([...new FormData(form)].filter(([, value]) => value))}`);
    button.textContent = "Stop";
    list.hidden = false;
    list.replaceChildren();
    const show = ({ data }) => {
      const { at, stream, tuple } = JSON.parse(data);
      const item = document.createElement("li");
      const time = item.appendChild(document.createElement("time"));
      time.textContent = new Date(at).toISOString().slice(11, 23);
      item.append(`${stream ?? ""} ${typeof tuple === "string" ? tuple : JSON.stringify(tuple)}`);
      list.prepend(item);
      if (list.children.length > 200) list.lastChild.remove();
    };
    source.addEventListener("message", show);
    source.addEventListener("tuple", show);
    source.addEventListener("end", () => stop("Tap ended."));
    source.addEventListener("error", () => stop("Tap ended."));
  });
  addEventListener("pagehide", () => stop());
}

// ---- Keys and colours ----

const THEMES = ["auto", "light", "dark"];
let theme = document.documentElement.dataset.theme ?? "auto";

function cycle() {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  // A cookie, because then the server renders the next page in these colours from its first moment on.
  document.cookie = `squall-theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  showTheme();
}

function showTheme() {
  one("#theme span").textContent = theme[0].toUpperCase() + theme.slice(1);
}

const KEYS = {
  "?": () => one("#keys").showModal(),
  "/": () => one("main input[type=search]")?.focus(),
  p: pause, t: cycle, j: () => move(1), k: () => move(-1),
  Enter: () => { const row = one("tr.cursor"); if (row) location.assign(row.dataset.href); },
  Escape: () => one("tr.cursor")?.classList.remove("cursor"),
};

addEventListener("keydown", (event) => {
  const target = event.target;
  const isTyping = target.matches("input, textarea, select, [contenteditable]");
  if (isTyping && event.key === "Escape") target.blur();
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
  if (event.key === "Enter" && target.matches("a, button, summary")) return;
  const link = one(`.side a[data-key="${CSS.escape(event.key)}"]`);
  const action = KEYS[event.key] ?? (link && (() => link.click()));
  if (!action) return;
  event.preventDefault();
  action();
});

addEventListener("click", (event) => {
  const target = event.target.closest("[data-action], [data-copy], [data-cancel]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const dialog = target.closest("dialog");
  if (target.matches("[data-copy]")) copy(target);
  else if (target.matches("[data-action]")) event.preventDefault(), open(target.href);
  else if (dialog) event.preventDefault(), dialog.close();
});

// ---- Start ----

/** What only works with a script is shown now. */
function prepare(root) {
  all("[data-copy]", root).forEach((button) => { button.hidden = false; });
  all(".noscript", root).forEach((button) => { button.hidden = true; });
  all("[data-filter]", root).forEach((input) => input.addEventListener("input", () => filter(input)));
  all("form[data-tap]", root).forEach((form) => { form.hidden = false; tap(form); });
  for (const head of all("table.sortable thead th", root)) {
    if (!head.textContent.trim()) continue;
    if (!one("a, button", head)) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
    }
    head.addEventListener("click", onHead);
  }
  for (const table of all("table.sortable", root)) if (order[table.id]) sort(table, ...order[table.id]);
  for (const time of all("time[datetime]", root)) time.title = `${new Date(time.dateTime).toLocaleString()} (${time.dateTime})`;
}

prepare(document);
collect();
one("#live").hidden = one("#theme").hidden = one("#help").hidden = false;
one("#live").addEventListener("click", pause);
one("#theme").addEventListener("click", cycle);
one("#help").addEventListener("click", KEYS["?"]);
document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", () => { source?.close(); source = null; });
addEventListener("pageshow", follow);
showTheme();
setInterval(showAge, 500);
follow();
