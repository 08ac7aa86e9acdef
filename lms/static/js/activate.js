// The code printed on a slip may arrive after the "#" of a scanned address, which no server and
// no log ever sees; it is put into the field and taken out of the address.

const field = document.getElementById("code");
const scanned = decodeURIComponent(location.hash.slice(1));

if (scanned && !field.value) {
  field.value = scanned;
  history.replaceState(null, "", location.pathname);
}
