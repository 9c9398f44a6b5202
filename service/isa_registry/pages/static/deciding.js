// A decision's form: what the choice does not ask for is put away. The form is whole without it.

const form = document.querySelector("form.isa-deciding");
const chosen = (name) => form?.querySelector(`input[name="${name}"]:checked`)?.value ?? "";

function settle() {
  for (const part of form.querySelectorAll("[data-when]")) {
    const decision = chosen("decision");
    part.hidden = decision !== "" && !part.dataset.when.split(" ").includes(decision);
  }
  for (const part of form.querySelectorAll("[data-against]")) {
    part.hidden = !part.dataset.against.split(" ").includes(chosen("decision"));
  }
  for (const part of form.querySelectorAll("[data-unless]")) {
    part.hidden = chosen(part.dataset.unless) === part.dataset.is;
  }
}

if (form) {
  form.addEventListener("change", settle);
  settle();
}
