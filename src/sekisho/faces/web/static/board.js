// Puts what `keep` says each second in its place. Without this the page asks for itself every five seconds.
(() => {
  const main = document.querySelector("[data-board]");
  if (!main || !window.EventSource) return;
  let heard = Date.now();
  const source = new EventSource(main.dataset.board);
  source.addEventListener("message", (event) => {
    heard = Date.now();
    main.classList.remove("away");
    const held = document.activeElement && main.contains(document.activeElement) ? document.activeElement.id : "";
    main.innerHTML = JSON.parse(event.data);
    const again = held && document.getElementById(held);
    if (again) again.focus();
  });
  // What is old must not look new: after ten silent seconds the board fades, whatever the connection thinks.
  setInterval(() => main.classList.toggle("away", Date.now() - heard > 10000), 1000);
})();
