// Fills in the name that the visitor asked us to remember, from the one cookie a script may read.
const remembered = document.cookie.split("; ").find((pair) => pair.startsWith("remembered_name="));
if (remembered) {
  document.getElementById("username").value = decodeURIComponent(remembered.slice("remembered_name=".length));
  document.getElementById("remember").checked = true;
}
