// Widget: the page in a cell, which tells Python of each step and each choice, and is told of them.

const image = document.createElement("img");
image.alt = model.get("words");
image.src = `data:image/svg+xml;base64,${model.get("picture")}`;
el.append(image);
const page = new Page(image, (news) => {
  for (const [name, value] of Object.entries(news)) model.set(name, value);
  model.save_changes();
});
const turned = () => page.position === model.get("step") || page.show(model.get("step"));
const chosen = () => page.choose(model.get("selected"));
if (page.steps) {
  page.show(model.get("step"), false);
  if (model.get("selected").length) chosen();
}
const same = (a, b) => a.length === b.length && a.every((x) => b.includes(x));
model.on("change:step", turned);
model.on("change:selected", () => same(model.get("selected"), page.selected.map((card) => page.nameOf(card))) || chosen());
return () => model.off("change:step", turned);
