// Look: what is said of a step, of a node, and of the paths between two nodes.

const SHOWN = 12; // lines

const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

// A line in symbols, and behind it in numbers.
const line = ([symbols, numbers], kind = "") =>
  make("li", { class: kind }, make("span", { class: "symbols" }, symbols), ...numbers ? [` = `, make("span", { class: "numbers" }, numbers)] : []);

const listed = (lines) => {
  const more = lines.length - SHOWN;
  const shown = more > 1 ? lines.slice(0, SHOWN) : lines;
  return make("ul", {}, ...shown, ...more > 1 ? [make("li", { class: "more" }, `… and ${counted(more, "line")} more`)] : []);
};

const stepText = (steps, state, contents) => {
  const { kind, place } = state, name = steps.names[place];
  const fired = () => `${name} (${steps.op(place) || "made by hand"}) passes on its gradient ${number(state.grads[place])}`;
  const [heading, says] = {
    start: () => ["Before the first step", "nothing is computed yet"],
    forward: () => [`Forward ${place + 1} of ${steps.count}`, `${name} gets its data`],
    seed: () => ["The seed", "how fast the result changes with itself"],
    backward: () => [`Backward ${state.fired} of ${steps.firing.length}`, fired()],
  }[kind]();
  const lines = kind === "start" ? [] : steps.lines(state).map((parts) => line(parts));
  const notes = [];
  if (contents.graph.earlier) notes.push("When it was drawn, grads had been added up over more than this one backward pass.");
  if (steps.changed) notes.push("Recomputed in this page along the recorded operations, with the numbers you entered.");
  return [
    make("h2", {}, make("b", {}, heading), make("span", {}, says)),
    listed(lines),
    ...notes.map((note) => make("p", { class: "note" }, note)),
  ];
};

// The gradient of a node, a term for each use.
const gradientLines = (steps, place, state) => {
  const towards = steps.towards(place), grad = number(state.grads[place]);
  const users = steps.users[place];
  if (place === steps.last) return [line([towards, `${grad}  (the seed)`])];
  const terms = users.map(([user, slot]) => {
    const symbols = `${partial(steps.names[user], steps.names[place])} · ${steps.towards(user)}`;
    if (!steps.hasFired(user, state)) return line([symbols, "·"], "waiting");
    const local = steps.local[user][slot], above = state.grads[user];
    return line([symbols, `${number(local)} × ${number(above)} = ${number(above === 0 ? 0 : local * above)}`]);
  });
  return [line([towards, users.length > 1 ? `${grad}, the sum of ${counted(users.length, "use")}` : grad], "total"), ...terms];
};

// The field in which a leaf gets another number.
const leafField = (steps, place, change) => {
  const obstacle = steps.obstacle(place), name = steps.names[place];
  const why = obstacle === null ? null
    : `${steps.names[obstacle]} depends on ${name} by ${steps.op(obstacle) || "hand"}, which only Python can compute`;
  const enter = (event) => {
    const x = Number(event.target.value);
    if (event.target.value.trim() !== "" && !Number.isNaN(x)) change(place, x);
  };
  const field = make("input", {
    type: "number", step: "any", value: String(steps.data[place]), "aria-label": `data of ${name}`, oninput: enter,
    disabled: obstacle === null ? null : "", title: why,
  });
  return make("label", { class: "leaf" }, "data ", field, ...why ? [make("span", { class: "note" }, why)] : []);
};

const nodeText = (steps, place, state, change) => {
  const leaf = !steps.parents[place].length && !steps.operands[place].length;
  const known = place < state.known;
  return [
    make("h2", {}, make("b", {}, steps.names[place]), make("span", {}, leaf ? "leaf" : steps.op(place) || "made by hand")),
    leaf ? leafField(steps, place, change) : listed([line([known ? steps.forward(place) : `${steps.names[place]} = ${steps.symbols(place)}`, known ? "" : "·"])]),
    listed(gradientLines(steps, place, state)),
  ];
};

const groupText = (steps, card, state) => {
  const names = card.places.slice(0, SHOWN).map((place) => steps.forward(place));
  const more = card.places.length - names.length;
  return [
    make("h2", {}, make("b", {}, card.label), make("span", {}, counted(card.places.length, "node"))),
    listed(names.map((text) => line([text, ""]))),
    ...more > 0 ? [make("p", { class: "note" }, `… and ${counted(more, "node")} more`)] : [],
  ];
};

const pathsText = (steps, found) => {
  const { from, to, listed: paths, rest, count, total } = found;
  const [below, above] = [steps.names[from], steps.names[to]], more = count - BigInt(paths.length);
  const along = (uses) => [below, ...uses.map(({ place }) => steps.names[place])].join(" → ");
  const product = ({ product, uses }) => `${uses.map(({ local }) => inside(local)).reverse().join(" · ")} = ${number(product)}`;
  return [
    make("h2", {}, make("b", {}, `${partial(above, below)} = ${number(total)}`), make("span", {}, `the sum over ${counted(count, "path")}`)),
    listed([
      ...paths.map((path) => line([along(path.uses), product(path)])),
      ...more > 0n ? [line([`${counted(more, "more path")}, together`, number(rest)], "more")] : [],
    ]),
  ];
};
