// Ask: lists that narrow as one types, copying, printing. The pages are whole without it.

const plain = (words) => words.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
const matches = (words, typed) => plain(typed).split(/\s+/).every((part) => plain(words).includes(part));

function finder(name, before, narrow) {
  const box = document.createElement("div");
  box.className = "isa-find";
  const field = Object.assign(document.createElement("input"), {
    type: "search", className: "govuk-input", placeholder: name, autocomplete: "off", spellcheck: false,
  });
  field.setAttribute("aria-label", name);
  const said = document.createElement("span");
  said.className = "govuk-visually-hidden";
  said.setAttribute("role", "status");
  box.append(field, said);
  before.before(box);
  field.addEventListener("input", () => {
    const count = narrow(field.value.trim());
    said.textContent = field.value.trim() ? `${count} found` : "";
  });
  field.addEventListener("keydown", (event) => {
    // Enter chooses from the list; it does not send a form that is half filled in.
    if (event.key === "Enter") event.preventDefault();
  });
}

for (const list of document.querySelectorAll("select[data-find]")) {
  const whole = [...list.children].map((one) => one.cloneNode(true));
  finder(list.dataset.find, list, (typed) => {
    const chosen = list.value;
    const shown = typed ? new Set() : null;
    list.replaceChildren(...whole.map((one) => one.cloneNode(true)));
    for (const option of typed ? list.querySelectorAll("option") : []) {
      const wanted = option.value && matches(option.textContent, typed) && !shown.has(option.value);
      if (wanted) shown.add(option.value);
      else if (option.value && option.value !== chosen) option.remove();
    }
    for (const group of list.querySelectorAll("optgroup")) if (!group.children.length) group.remove();
    list.value = chosen;
    if (typed && shown.size === 1) list.value = [...shown][0];
    return shown ? shown.size : 0;
  });
}

for (const groups of document.querySelectorAll("div[data-find]")) {
  finder(groups.dataset.find, groups, (typed) => {
    let count = 0;
    for (const group of groups.querySelectorAll("fieldset")) {
      let left = 0;
      for (const item of group.querySelectorAll(".govuk-checkboxes__item")) {
        const found = matches(`${item.textContent} ${group.querySelector("legend").textContent}`, typed);
        // What is chosen stays in sight.
        item.hidden = !found && !item.querySelector("input").checked;
        left += item.hidden ? 0 : 1;
        count += found ? 1 : 0;
      }
      group.hidden = left === 0;
    }
    return count;
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      said.textContent = "Copied.";
    } catch {
      said.textContent = document.execCommand("copy") ? "Copied." : "The text is selected: copy it with your keyboard.";
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Clauses and law are opened for the paper, and closed again.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details.isa-opened:not([open])")];
  for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of opened) one.open = false;
});

// An answer that was just recorded has an address: going back, or asking for the page again, does not ask once more.
const answer = document.querySelector("[data-address]");
if (answer) history.replaceState(null, "", answer.dataset.address);
