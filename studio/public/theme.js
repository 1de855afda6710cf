// Runs before the first paint, so that the page never flashes in the wrong theme. A file of its own, because
// the content security policy allows no inline script.
(function () {
  var stored = null;
  try {
    stored = localStorage.getItem("elevaite.theme");
  } catch {
    // Storage may be blocked; the system's choice is a fine answer.
  }
  var dark =
    stored === "dark" || (stored !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
