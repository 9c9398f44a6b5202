// Reading an agreement: links to copy, words explained in place, clauses that narrow as one types. The pages are whole
// without it, and nothing that is typed leaves the page.

const words = document.querySelector(".isa-words");
const clauses = [...document.querySelectorAll(".isa-words > .isa-clause")];
const named = () => decodeURIComponent(location.hash.slice(1));

// --- a link to a clause that is on another page goes on there -------------------------------------------------------
function goOn() {
  const there = document.getElementById(named());
  if (!there || !there.closest(".isa-later, .isa-beside")) return;
  const link = there.matches("a") ? there : there.querySelector("a");
  if (link) location.replace(link.href);
}

// --- another version, at the same clause ----------------------------------------------------------------------------
function follow() {
  const clause = clauses.find((one) => one.id === named());
  for (const link of words ? document.querySelectorAll("a[data-version]") : []) {
    link.dataset.href ??= link.getAttribute("href");
    link.href = clause
      ? `${words.dataset.document}/versions?${new URLSearchParams({ clause: clause.id, to: link.dataset.version })}`
      : link.dataset.href;
  }
}
addEventListener("hashchange", () => { goOn(); follow(); });
goOn();
follow();

// --- copying the link to a clause -----------------------------------------------------------------------------------
const copied = document.querySelector(".isa-copied");
let forget;

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = Object.assign(document.createElement("textarea"), { value: text, className: "govuk-visually-hidden" });
    const before = document.activeElement;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    before.focus();
    return done;
  }
}

function say(text) {
  // Emptied first, so that the same words are said again.
  copied.textContent = "";
  clearTimeout(forget);
  setTimeout(() => { copied.textContent = text; }, 50);
  forget = setTimeout(() => { copied.textContent = ""; }, 8000);
}

for (const clause of copied ? clauses : []) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "isa-copy" });
  button.setAttribute("aria-label", `Copy link to clause ${clause.id}`);
  button.addEventListener("click", async () => {
    const address = new URL(`${words.dataset.document}#${clause.id}`, location.origin);
    say((await copy(address.href)) ? copied.dataset.copied.replace("{}", clause.id) : copied.dataset.not);
  });
  clause.firstElementChild.after(button);
}

// --- what a word means ----------------------------------------------------------------------------------------------
// It shows while the pointer or the focus is on the word or on the explanation, until Escape is pressed or something
// else has it. A finger's first touch shows it; the second follows the link to where the word is explained.
const tip = Object.assign(document.createElement("div"), { id: "isa-tip", className: "isa-tip", hidden: true });
tip.setAttribute("role", "tooltip");
let told;
let leaving;

function tell(word) {
  clearTimeout(leaving);
  if (told === word) return;
  hush();
  const entry = document.getElementById(word.hash.slice(1));
  if (!entry) return;
  const title = document.createElement("strong");
  title.textContent = entry.querySelector("dt").textContent;
  const meaning = entry.querySelector("dd").cloneNode(true);
  for (const link of meaning.querySelectorAll("a")) link.replaceWith(`(${link.textContent})`);
  tip.replaceChildren(title, ...meaning.childNodes);
  tip.hidden = false;
  const at = word.getClientRects()[0];
  const left = Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - 16);
  const below = at.bottom + tip.offsetHeight + 12 < innerHeight || at.top < tip.offsetHeight + 12;
  tip.style.left = `${Math.max(left, 16) + scrollX}px`;
  tip.style.top = `${(below ? at.bottom + 6 : at.top - tip.offsetHeight - 6) + scrollY}px`;
  word.setAttribute("aria-describedby", tip.id);
  told = word;
}

function hush() {
  clearTimeout(leaving);
  tip.hidden = true;
  if (told) told.removeAttribute("aria-describedby");
  told = undefined;
}

const leave = () => { clearTimeout(leaving); leaving = setTimeout(hush, 300); };

if (document.querySelector(".isa-word")) {
  document.body.append(tip);
  let touched;
  for (const word of document.querySelectorAll(".isa-word")) {
    word.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") tell(word); });
    word.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") leave(); });
    word.addEventListener("pointerdown", (event) => { touched = event.pointerType !== "mouse" && told !== word; });
    word.addEventListener("focus", () => tell(word));
    word.addEventListener("blur", leave);
    word.addEventListener("click", (event) => {
      if (touched) {
        event.preventDefault();
        tell(word);
      } else {
        hush();
      }
      touched = false;
    });
  }
  tip.addEventListener("pointerenter", () => clearTimeout(leaving));
  tip.addEventListener("pointerleave", leave);
  addEventListener("keydown", (event) => { if (event.key === "Escape") hush(); });
}

// --- clauses that narrow as one types -------------------------------------------------------------------------------
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
const field = document.querySelector(".isa-search [name=q]");
const said = document.querySelector(".isa-search__said");

function places(clause, wanted) {
  const found = [];
  const walker = document.createTreeWalker(clause, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    // What has accents is told apart only where folding it left every letter in its place.
    const text = plain(node.data).length === node.data.length ? plain(node.data) : node.data.toLowerCase();
    for (const one of wanted) {
      for (let at = text.indexOf(one); at >= 0; at = text.indexOf(one, at + one.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + one.length);
        found.push(range);
      }
    }
  }
  return found;
}

function narrow() {
  const wanted = plain(field.value).split(/\s+/).filter((one) => one.length > 1);
  const ranges = [];
  const sections = new Set();
  let count = 0;
  for (const clause of clauses) {
    const text = plain(clause.textContent);
    clause.hidden = !wanted.every((one) => text.includes(one));
    if (clause.hidden || !wanted.length) continue;
    count += 1;
    sections.add(clause.id.split(".")[0]);
    ranges.push(...places(clause, wanted));
  }
  // A clause stands below the heading of its section.
  for (const clause of clauses) if (sections.has(clause.id)) clause.hidden = false;
  if (globalThis.Highlight && CSS.highlights) CSS.highlights.set("isa-found", new Highlight(...ranges));
  const { none, one, many, more = "" } = said.dataset;
  said.textContent = !wanted.length ? "" : `${count === 0 ? none : count === 1 ? one : count + many}${more}`;
  // What was found is brought into sight where the page had been read further down.
  if (wanted.length && words.getBoundingClientRect().top < 0) words.scrollIntoView();
}

if (field && clauses.length) {
  field.addEventListener("input", narrow);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !field.value) return;
    event.preventDefault();
    field.value = "";
    narrow();
  });
  if (field.value) narrow();
}

// --- small screens, and paper ---------------------------------------------------------------------------------------
const contents = document.querySelector(".isa-contents--aside details");
if (contents && matchMedia("(max-width: 56rem)").matches) contents.open = false;
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details.isa-rests:not([open])")];
  for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of opened) one.open = false;
});
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
