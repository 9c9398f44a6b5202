// Tells the page around the frame how high the clause is, and what became of it. The clause is whole without it.
// What is told is public, so any page may hear it; nothing is listened to.
(() => {
  const shown = document.querySelector("main");
  let told = 0;
  const tell = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    const { agreement, version, clause, status } = shown.dataset;
    parent.postMessage({ type: "isa-clause", height, agreement, version, clause, status }, "*");
  };
  if (parent === window) return;
  new ResizeObserver(tell).observe(document.documentElement);
  tell();
})();
