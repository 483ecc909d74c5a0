// A file that is too large is refused before it is sent; the server refuses it, too.
document.addEventListener("change", (event) => {
  const { type, form, files } = event.target;
  if (type !== "file" || !form || !form.dataset.mostBytes) return;
  const isTooLarge = [...files].some((file) => file.size > Number(form.dataset.mostBytes));
  event.target.setCustomValidity(isTooLarge ? form.dataset.tooLarge : "");
  event.target.reportValidity();
});
