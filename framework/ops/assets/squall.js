// What the pages do beyond links and forms: numbers stay fresh, tables are sorted and filtered, actions open as dialogs,
// keys are read. The server renders everything; nothing here is needed to see or to do anything.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const now = () => performance.now();
const make = (name, properties) => Object.assign(document.createElement(name), properties);
const announce = (sentence) => { one("#announce").textContent = sentence; };

// ---- Numbers: the same words that the server writes ----
const grouped = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
const three = (value) => value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
const unit = (value, name) => `${value.toFixed(value < 9.95 ? 1 : 0)} ${name}`;
const pair = (great, name, small, lesser) => `${great} ${name}${small > 0 ? ` ${small} ${lesser}` : ""}`;

const FORMATS = {
  count: grouped,
  rate(value) {
    if (value < 9.95) return value < 0.005 ? "0" : value.toFixed(value < 0.995 ? 2 : 1);
    if (value < 9999.5) return grouped(value);
    return value < 999500 ? `${three(value / 1e3)}k` : `${three(value / 1e6)}M`;
  },
  seconds(value) {
    if (value <= 0) return "0 s";
    if (value < 0.9995) return value < 0.0009995 ? unit(value * 1e6, "µs") : unit(value * 1e3, "ms");
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
const began = now(), raw = new WeakMap(), drawn = new WeakMap(), order = {};
let leaves = [], latest = null;

/** Rows that nobody sees: they are written when they come into sight, or when their numbers are compared. */
const unseen = new Set(), sight = new IntersectionObserver((rows) => {
  for (const { target, isIntersecting } of rows) unseen[isIntersecting ? "delete" : "add"](target);
  if (latest) tick(latest);
}, { rootMargin: "100px" });

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
  sight.disconnect();
  unseen.clear();
  for (const leaf of leaves) if ((leaf.row = leaf.element.closest("tbody tr, .node, .rate"))) sight.observe(leaf.row);
}

/** The element of a list is found by its name. */
function read(data, keys, lists) {
  let value = data;
  for (const key of keys) {
    if (value === null || value === undefined) return undefined;
    if (Array.isArray(value) && !lists.has(value)) lists.set(value, new Map(value.map((entry) => [entry.name, entry])));
    value = lists.has(value) ? lists.get(value).get(key) : value[key];
  }
  return value;
}

function tick(data, wants = (leaf) => !unseen.has(leaf.row)) {
  const lists = new Map();
  latest = data;
  for (const leaf of leaves.filter(wants)) {
    const value = read(data, leaf.keys, lists);
    if (value === leaf.last && leaf.write !== writeSpark) continue;
    leaf.last = value;
    leaf.write(leaf, value);
  }
}

function writeText({ element, name, text }, value) {
  raw.set(element, value);
  const words = value === null || value === undefined ? "–" : (FORMATS[name] ?? String)(value);
  if (text.data !== words) text.data = words;
}

function writeState({ element }, value) {
  const [kind, word] = STATES[value] ?? ["idle", String(value)];
  element.classList.remove(...Object.values(STATES).map(([kind]) => kind));
  element.classList.add(kind);
  one("use", element).setAttribute("href", `#i-${kind}`);
  (one("[data-word]", element) ?? element.lastChild).textContent = word;
}

/** The last point is what is now; after each step the line moves on. */
function writeSpark(leaf, value) {
  const { values, line, area } = leaf;
  if (values.length < 2) return;
  if (now() - leaf.since >= leaf.step) {
    leaf.since += leaf.step;
    if (values.push(NaN) > 60) values.shift();
  }
  values[values.length - 1] = value ?? NaN;
  const most = Math.max(0, ...values.filter(Number.isFinite));
  const x = (at) => (at / (values.length - 1)) * 120;
  const y = (value) => 2 + (1 - (most > 0 ? value / most : 0)) * 28;
  const points = values.map((value, at) => [x(at).toFixed(1), y(value).toFixed(1)]).filter((_, at) => Number.isFinite(values[at]));
  const drawn = points.join(" ");
  if (leaf.drawn === drawn || !points.length) return;
  leaf.drawn = drawn;
  line.setAttribute("points", drawn);
  area.setAttribute("points", `${points[0][0]},32 ${drawn} ${points.at(-1)[0]},32`);
}

/** What the overview shows of all topologies together, added up as the server does. */
function addUp(data) {
  const topologies = data.topologies;
  const slowest = Math.max(...topologies.map((topology) => topology.complete_p99_seconds).filter(Number.isFinite));
  data.total = { complete_p99_seconds: Number.isFinite(slowest) ? slowest : null };
  for (const field of ["emitted_per_s", "acked_per_s", "failed_per_s", "pending"])
    data.total[field] = topologies.reduce((sum, topology) => sum + topology[field], 0);
  const are = (...wanted) => topologies.length > 0 && topologies.every(({ state }) => wanted.includes(state));
  const usual = are("paused", "ended") ? "paused" : isDegraded ? "degraded" : "running";
  const hasFailed = topologies.some(({ state }) => state === "failed");
  data.state = hasFailed ? "failed" : data.draining ? "draining" : are("ended") ? "ended" : usual;
}

// ---- Stream: one a page, none while nobody looks ----
let source = null, isPaused = false, isDegraded = false, updated = now(), states = {}, found = null, soon = 0, newest = one("#age").dataset.newest;

const leave = () => { source = source?.close() ?? null; };

function follow() {
  if (document.hidden || isPaused) return leave();
  if (source) return;
  source = new EventSource("/api/v1/stream");
  source.addEventListener("stats", ({ data }) => show(JSON.parse(data)));
  source.addEventListener("finding", ({ data }) => {
    const { findings } = JSON.parse(data);
    const [before, ids] = [found, findings.map(({ id }) => id).join()];
    [found, isDegraded] = [ids, findings.some(({ category }) => category === "page")];
    if (before !== null && before !== ids) refresh(all("#findings"));
  });
  // What somebody did, and what became of it, comes in a row: one look at the page is enough for all of it.
  const later = () => { clearTimeout(soon); soon = setTimeout(() => refresh(all("[data-refresh]")), 400); };
  // What happened between the page and its stream is told by neither: the number of the newest event gives it away.
  for (const kind of ["hello", "event", "graph"]) source.addEventListener(kind, ({ lastEventId }) => {
    if (kind === "graph" || newest !== lastEventId) later();
    newest = lastEventId;
  });
  source.addEventListener("error", () => {
    lost(true);
    // The browser connects again by itself, unless the server refused: then it is asked again, not by all at once.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    setTimeout(follow, 2000 + 3000 * Math.random());
  });
}

function show(data) {
  updated = now();
  lost(false);
  addUp(data);
  tick(data);
  // Ears are told what changed, and never what only ticks.
  for (const { name, state } of data.topologies) {
    if (states[name] && states[name] !== state) announce(`${name}: ${STATES[state]?.[1] ?? state}`);
    states[name] = state;
  }
  refresh(all("[data-refresh]").filter(isDue));
}

function lost(is) {
  if (one("#lost").hidden !== is) return;
  one("#lost").hidden = !is;
  if (!is) announce("Connected again.");
}

function showAge() {
  const seconds = (now() - updated) / 1000, age = one("#age");
  const words = isPaused ? "paused" : seconds < 2 ? "up to date" : `updated ${Math.round(seconds)} s ago`;
  // A word that stays is not written again: the browser would lay out the page, however large, for nothing.
  if (age.textContent !== words) age.textContent = words;
  age.classList.toggle("late", seconds > 5 && !isPaused);
}

function pause() {
  isPaused = !isPaused;
  one("#live").setAttribute("aria-pressed", String(isPaused));
  one("#live span").textContent = isPaused ? "Paused" : "Live";
  one("#live use").setAttribute("href", isPaused ? "#i-paused" : "#i-live");
  follow();
  showAge();
}

// ---- Fragments: what is more than a number comes from the server, as the page has it ----
const page = async (url) => new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");

function isInUse(element) {
  const isSelected = !getSelection().isCollapsed && element.contains(getSelection().anchorNode);
  return isSelected || element.contains(document.activeElement) || one("details[open]", element) !== null;
}

/** Writes only what has changed, and is not bound: the rest need not be laid out again, and stays where it was scrolled to. */
function merge(old, next) {
  if (old.isEqualNode(next) || (old.dataset?.bind && old.dataset.bind === next.dataset?.bind)) return;
  const [before, after] = [[...old.childNodes], [...next.childNodes]];
  if (old.nodeName !== next.nodeName || before.length !== after.length) return old.replaceWith(next);
  if (old.nodeType === Node.TEXT_NODE) old.data = next.data;
  for (const { name } of [...(old.attributes ?? [])]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes ?? []) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  before.forEach((child, at) => merge(child, after[at]));
}

const isDue = (element) => now() - (drawn.get(element) ?? began) >= 1000 * element.dataset.refresh;

async function refresh(regions) {
  regions = regions.filter((element) => !isInUse(element));
  if (isPaused || one("dialog[open]") || !regions.length) return;
  regions.forEach((element) => drawn.set(element, now()));
  const fresh = await page(location.href).catch(() => null);
  for (const old of fresh ? regions : []) {
    const next = fresh.getElementById(old.id);
    if (!next || isInUse(old)) continue;
    drawn.set(next, now());
    prepare(next);
    // What somebody fills in belongs to its row, wherever that is now.
    one("input, select, textarea", next) ? old.replaceWith(next) : merge(old, next);
  }
  collect();
  for (const table of all("table.sortable")) if (order[table.id]) sort(table, ...order[table.id]);
}

// ---- Tables ----
function key(row, column) {
  const cell = row.cells[column], bound = one("[data-bind]", cell);
  const value = raw.get(bound) ?? cell.dataset.sort ?? cell.textContent.trim();
  return value === "" || Number.isNaN(Number(value)) ? value : Number(value);
}

function sort(table, column, direction) {
  order[table.id] = [column, direction];
  if (latest) tick(latest, () => true);
  const keys = new Map([...table.tBodies[0].rows].map((row) => [row, key(row, column)]));
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...keys.keys()].sort((a, b) => sign * compare(keys.get(a), keys.get(b)));
  if (rows.some((row, at) => row !== table.tBodies[0].rows[at])) table.tBodies[0].append(...rows);
  for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
  table.tHead.rows[0].cells[column].setAttribute("aria-sort", direction);
}

function onHead(event) {
  const head = event.currentTarget;
  const [link, table] = [one("a", head), head.closest("table")];
  const [first, other] = head.classList.contains("num") ? ["descending", "ascending"] : ["ascending", "descending"];
  const direction = head.getAttribute("aria-sort") === first ? other : first;
  event.preventDefault();
  sort(table, head.cellIndex, direction);
  if (link) keep({ sort: new URL(link.href).searchParams.get("sort"), order: direction });
}

function filter(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of all(`#${input.dataset.filter} > tbody > tr`))
    row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  keep({ [input.name]: input.value });
}

/** What is chosen stands in the address, so that it can be kept and sent. */
function keep(chosen) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(chosen)) value ? url.searchParams.set(name, value) : url.searchParams.delete(name);
  history.replaceState(null, "", url);
}

function move(by) {
  const rows = all("main tr[data-href]:not([hidden])"), at = rows.indexOf(one("tr.cursor"));
  const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
  rows[at]?.classList.remove("cursor");
  next?.classList.add("cursor");
  next?.cells[0].scrollIntoView({ block: "nearest", inline: "nearest" });
}

// ---- Dialogs, copying, tap ----
async function open(href) {
  const form = (await page(href)).getElementById("action"), dialog = make("dialog");
  if (!form) return void location.assign(href);
  dialog.setAttribute("aria-labelledby", "action-title");
  document.body.append(dialog);
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
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch { // Without TLS a script has no clipboard; what is selected can still be copied.
    const area = button.parentNode.appendChild(make("textarea", { value: button.dataset.copy }));
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const toast = make("p", { className: "toast", textContent: "Copied" });
  (button.closest("dialog") ?? document.body).append(toast);
  announce("Copied");
  setTimeout(() => toast.remove(), 1500);
}

function tap(form) {
  const [list, button] = [one("ol", form.parentNode), one("button", form)];
  let source = null;
  const stop = (word) => {
    source = source?.close() ?? null;
    button.textContent = "Start";
    announce(word);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (source) return stop("Tap stopped.");
    const fields = [...new FormData(form)].filter(([, value]) => value);
    source = new EventSource(`${form.getAttribute("action")}?${new URLSearchParams(fields)}`);
    button.textContent = "Stop";
    list.hidden = false;
    list.replaceChildren();
    source.addEventListener("tuple", ({ data }) => {
      const { at, stream, tuple } = JSON.parse(data);
      list.prepend(make("li"));
      list.firstChild.append(make("time", { textContent: new Date(at).toISOString().slice(11, 23) }));
      list.firstChild.append(`${stream} ${typeof tuple === "string" ? tuple : JSON.stringify(tuple)}`);
    });
    for (const kind of ["end", "error"]) source.addEventListener(kind, () => stop("Tap ended."));
  });
  addEventListener("pagehide", () => source?.close());
}

// ---- Keys and colours ----
const THEMES = ["auto", "light", "dark"];
let theme = document.documentElement.dataset.theme ?? "auto";
function paint(chosen) {
  theme = chosen;
  one("#theme span").textContent = theme[0].toUpperCase() + theme.slice(1);
  document.documentElement.dataset.theme = theme;
  // A cookie, because then the server renders the next page in these colours from its first moment on.
  document.cookie = `squall-theme=${theme}; path=/; max-age=31536000; samesite=lax`;
}

const KEYS = {
  "?": () => one("#keys").showModal(), "/": () => one("main input[type=search]")?.focus(),
  p: pause, t: () => paint(THEMES[(THEMES.indexOf(theme) + 1) % 3]), j: () => move(1), k: () => move(-1),
  Enter: () => { const row = one("tr.cursor"); if (row) location.assign(row.dataset.href); },
  Escape: () => one("tr.cursor")?.classList.remove("cursor"),
};

addEventListener("keydown", (event) => {
  const { target } = event, isTyping = target.matches("input, textarea, select, [contenteditable]");
  if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
  if (isTyping && event.key === "Escape") event.preventDefault(), target.blur();
  if (isTyping) return;
  if (event.key === "Enter" && target.matches("a, button, summary")) return;
  const way = target.closest(".node")?.dataset[event.key.slice(5).toLowerCase()], link = one(`.side a[data-key="${CSS.escape(event.key)}"]`);
  if (!way && !KEYS[event.key] && !link) return;
  event.preventDefault();
  way ? one(`#${way}`).focus() : KEYS[event.key] ? KEYS[event.key]() : link.click();
});

addEventListener("click", (event) => {
  const target = event.target.closest("[data-action], [data-copy], [data-cancel]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const dialog = target.closest("dialog");
  if (target.matches("[data-copy]")) return void copy(target);
  if (target.matches("[data-action]") || dialog) event.preventDefault();
  target.matches("[data-action]") ? open(target.href) : dialog?.close();
});

/** What only works with a script is shown now, and what is only needed without one is not. */
function prepare(root) {
  all("[data-copy], #live, #theme, #help", root).forEach((button) => { button.hidden = false; });
  all(".noscript", root).forEach((button) => { button.hidden = true; });
  all("[data-filter]", root).forEach((input) => input.addEventListener("input", () => filter(input)));
  all("form[data-tap]", root).forEach((form) => { form.hidden = false; tap(form); });
  for (const head of all("table.sortable thead th", root)) {
    if (!one("a, button", head)) head.replaceChildren(make("button", { type: "button", textContent: head.textContent }));
    head.addEventListener("click", onHead);
  }
  for (const time of all("time[datetime]", root)) time.title = `${new Date(time.dateTime).toLocaleString()} (${time.dateTime})`;
}

prepare(document);
collect();
paint(theme);
one("#live").addEventListener("click", pause);
one("#theme").addEventListener("click", KEYS.t);
one("#help").addEventListener("click", KEYS["?"]);
document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", leave);
addEventListener("pageshow", follow);
setInterval(showAge, 500);
follow();
