// The composer, with a script: only the fields that matter are there, and the characters of the text are counted.

const form = document.querySelector(".composer");
const segments = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

function fit() {
  const when = form.elements.when.value;
  for (const field of form.querySelectorAll("[data-when]")) {
    field.hidden = !field.dataset.when.split(" ").includes(when);
  }
}

function count() {
  const text = form.elements.text.value;
  const characters = segments ? [...segments.segment(text)].length : [...text].length;
  form.querySelector("[data-count]").textContent = characters === 1 ? "1 character" : `${characters} characters`;
}

if (form) {
  form.addEventListener("change", fit);
  form.elements.text.addEventListener("input", count);
  fit();
  count();
}
