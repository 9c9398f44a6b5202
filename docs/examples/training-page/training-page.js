// Notices when a clause that this page teaches has changed, and gives each frame the height of what is in it.
// Nothing about whoever reads the page is sent anywhere: the registry is told which links to look up, and no more.

const registry = document.body.dataset.registry;
const figures = [...document.querySelectorAll("figure")];
const frame = (figure) => figure.querySelector("iframe");

// What the registry says of a link, beside the frame that has it.
function show(figure, link) {
  if (["current", "superseded"].includes(link.status)) return false;
  const notice = figure.querySelector(".changed");
  const read = document.createElement("a");
  Object.assign(read, { href: link.compare ?? link.url ?? registry, target: "_blank", rel: "noopener" });
  read.textContent = "read what is different (opens in a new tab)";
  const said = link.status === "changed"
    ? `The words changed since you were trained on ${link.version}, in version ${link.since.version}: `
    : `${link.label} since you were trained on ${link.version ?? "it"}: `;
  notice.append(said, read, ".");
  notice.hidden = false;
  return true;
}

async function check() {
  const said = document.getElementById("checked");
  const answer = await fetch(`${registry}/api/v1/agreements/links/check`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ links: figures.map((one) => frame(one).src) }),
    credentials: "omit",
    referrerPolicy: "no-referrer",
  });
  if (!answer.ok) throw new Error(`the registry answered ${answer.status}`);
  const { links } = await answer.json();
  const changed = links.filter((link, place) => show(figures[place], link)).length;
  said.textContent = changed
    ? `${changed} of the ${links.length} clauses in this lesson changed since it was written.`
    : "The clauses in this lesson say what they said when it was written.";
}

// The words stay where the check fails: each frame says itself whether they have changed.
check().catch(() => {});

// A frame tells its height. It is sandboxed, so its origin is "null", and it is known by the window that it is.
addEventListener("message", ({ source, data }) => {
  const figure = figures.find((one) => frame(one).contentWindow === source);
  if (!figure || data?.type !== "isa-clause" || !Number.isFinite(data.height)) return;
  frame(figure).height = Math.min(Math.max(Math.ceil(data.height), 80), 4000);
});

document.getElementById("finished").addEventListener("click", () => {
  // Here a real page tells its own learning platform.
  document.getElementById("thanks").textContent = "Thank you.";
});
