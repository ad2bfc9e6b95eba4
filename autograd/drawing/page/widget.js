// Widget: the page in a cell, which tells Python of each step and each choice, and is told of them.

const image = document.createElement("img");
image.alt = model.get("words");
image.src = `data:image/svg+xml;base64,${model.get("picture")}`;
el.append(image);
let begun = false; // until then the page learns from Python, and Python nothing from it
const page = new Page(image, (news) => {
  if (!begun) return;
  for (const [name, value] of Object.entries(news)) model.set(name, value);
  model.save_changes();
});
const same = (a, b) => a.length === b.length && a.every((x) => b.includes(x));
const turned = () => page.position === model.get("step") || page.show(model.get("step"));
const chosen = () => same(model.get("selected"), page.selected.map((card) => page.nameOf(card))) || page.choose(model.get("selected"));
if (page.steps) {
  page.show(model.get("step"), false);
  chosen();
  model.on("change:step", turned);
  model.on("change:selected", chosen);
}
begun = true;
return () => { model.off("change:step", turned); model.off("change:selected", chosen); };
