// Light or dark as the system says. A plain script in the head, so that the first paint is right
// already.
(function () {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = function () {
    document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
  };
  apply();
  dark.addEventListener("change", apply);
})();
