// Keeps the chosen theme in localStorage, shows its name, and removes it again: what is not needed is not kept.
const named = document.getElementById("theme");
const show = () => {
  const theme = localStorage.getItem("theme");
  named.textContent = theme ?? "as the system has it";
  document.documentElement.style.colorScheme = theme ?? "";
};
for (const button of document.getElementsByName("theme")) {
  button.addEventListener("click", () => {
    if (button.value) localStorage.setItem("theme", button.value);
    else localStorage.removeItem("theme");
    show();
  });
}
show();
