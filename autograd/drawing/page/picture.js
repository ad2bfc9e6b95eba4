// The picture: the cards and lines in it, each with the nodes or the uses that it stands for.

class Picture {
  constructor(svg, steps, shown) {
    this.svg = svg;
    this.steps = steps;
    this.shown = shown;
    this.cards = new Map(); // by their keys
    this.lines = [];
    if (!steps) return;
    const cardOf = shown.cards;
    const places = new Map(), uses = new Map(); // of each card; between each two cards
    const put = (map, key, item) => map.has(key) ? map.get(key).push(item) : map.set(key, [item]);
    cardOf.forEach((key, place) => put(places, key, place));
    steps.parents.forEach((parents, place) =>
      parents.forEach((parent, slot) => put(uses, `${cardOf[parent]} ${cardOf[place]}`, [place, slot])));
    for (const [key, inside] of places) if (this.part(key)) this.cards.set(key, this.card(key, inside));
    this.lines = shown.lines.map((ends, i) => this.line(i, ends, uses.get(`${ends[0]} ${ends[1]}`) ?? []));
    this.inner = [...svg.querySelectorAll("g[id]")].map((element) => this.step(element)).filter(Boolean);
    // they say what there is at the end; the page says what there is at each step
    for (const title of svg.querySelectorAll(":scope > title, g > title")) title.remove();
  }

  part(key) { return this.svg.getElementById(`${this.svg.id}-${key}`); }

  // The numbers on a card: of what was left out there are none.
  rows(element) {
    const texts = [...element.querySelectorAll("text")], words = texts.map((text) => text.textContent);
    const row = (word) => texts[words.lastIndexOf(word) + 1];
    return words.lastIndexOf("grad") > 0 ? [row("data"), row("grad")] : null;
  }

  shape(element) {
    return [...element.querySelectorAll(":scope > rect")].filter((rect) => rect.getAttribute("stroke")).at(-1);
  }

  card(key, places) {
    const element = this.part(key), group = !key.startsWith("n");
    const rows = this.rows(element), shape = this.shape(element);
    const label = group ? element.querySelector("text").textContent : this.steps.names[places[0]];
    element.classList.add("card");
    shape.classList.add("shape");
    element.setAttribute("aria-label", label);
    return { key, element, group, places, label, rows, shape, inTable: this.inTable(key) };
  }

  // The line of a node in the table beside the graph, if there is one.
  inTable(key) {
    const line = this.part(`${key}-line`);
    if (!line) return null;
    const [data, grad] = [...line.querySelectorAll("text")].slice(-2);
    return { data, grad, shape: line.querySelector("rect") };
  }

  // A step inside an unfolded node, which has its numbers when the node has.
  step(element) {
    const [, place] = element.id.match(/-n(\d+)\.\d+$/) ?? [];
    if (place === undefined) return null;
    const [data, grad] = this.rows(element), shape = this.shape(element);
    return { place: Number(place), data, grad, shape, drawn: [data.textContent, grad.textContent, shape.getAttribute("fill")] };
  }

  line(i, [tail, head, operand], uses) {
    const element = this.part(`e${i}`), pill = this.part(`e${i}-pill`), [path, arrow] = element.querySelectorAll("path");
    const single = tail[0] === "n" && head[0] === "n"; // each use has a line of its own
    return {
      element, both: [element, pill], path, arrow, pill: pill.querySelector("rect"), words: pill.querySelector("text"),
      uses: single ? uses.filter(([place, slot]) => this.operand(place, slot) === operand) : uses,
    };
  }

  // Which operand a parent is: constants stand between them.
  operand(place, slot) {
    const places = [...this.steps.operands[place].keys()].filter((k) => this.steps.operands[place][k].place !== undefined);
    return places.length === this.steps.parents[place].length ? places[slot] : slot;
  }
}
