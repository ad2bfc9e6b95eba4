// The page: the picture in a frame, a slider under it, and what there is to say. One for each image.

class Page {
  // `tell` is told of each step, and of what is chosen: the names of cards.
  constructor(image, tell = () => {}) {
    this.report = tell;
    this.steps = contents.graph && new Steps(contents.graph);
    const host = make("div", { class: "glassgrad" });
    const root = host.attachShadow({ mode: "open" });
    this.drawn = { name: "as drawn", opens: "", svg: new TextDecoder().decode(bytesOf(image.src.split(",")[1])), ...contents.shown };
    this.frame = make("div", { class: "frame" });
    this.body = make("div", { class: "page", role: "group", "aria-label": image.alt, tabindex: "-1" });
    this.body.append(this.tools(), this.frame);
    root.append(make("style", {}, style), this.body);
    image.replaceWith(host);
    this.view = new View(this.frame);
    this.selected = [];
    if (this.steps) this.body.append(this.controls(), this.words());
    this.put(this.drawn);
    if (!this.steps) return;
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.frame.addEventListener("click", (event) => event.target.closest(".card") || this.view.dragging || this.clear());
    this.show(contents.backward ? this.steps.length : this.steps.count, false);
  }

  // -- the picture, and other forms of it ----------------------------------------------------

  put(form) {
    const source = new DOMParser().parseFromString(form.svg, "image/svg+xml");
    this.form = form;
    this.picture = new Picture(document.importNode(source.documentElement, true), this.steps, form);
    this.view.put(this.picture.svg);
    if (!this.steps) return;
    this.painter = new Painter(this.picture, this.steps);
    this.invite();
  }

  // Folded more or less: the passes stay where they are, and so do numbers that were changed.
  async turnTo(form) {
    form.svg ??= await unpacked(form.picture);
    this.selected = [];
    this.looked = null;
    this.put(form);
    this.detail.value = form.name;
    this.find();
    this.show(this.position, false);
  }

  // -- what can be done with the picture ---------------------------------------------------

  invite() {
    const { cards, svg } = this.picture;
    for (const card of cards.values()) {
      const { element } = card;
      element.setAttribute("role", "button");
      element.setAttribute("tabindex", "-1");
      element.addEventListener("pointerenter", () => this.look(card));
      element.addEventListener("pointerleave", () => this.look(null));
      element.addEventListener("focus", () => { this.rove(card); this.look(card); });
      element.addEventListener("click", () => this.view.dragging || this.select(card));
    }
    this.order = [...cards.values()].sort((a, b) => a.places[0] - b.places[0]);
    this.rove(this.order.at(-1));
    svg.setAttribute("role", "group");
  }

  // One card is reached with the tab key, the others from there with the arrows up and down.
  rove(card) {
    this.current?.element.setAttribute("tabindex", "-1");
    this.current = card;
    card.element.setAttribute("tabindex", "0");
  }

  // -- what stands around it ---------------------------------------------------------------

  tools() {
    const button = (text, label, onclick) => make("button", { type: "button", "aria-label": label, title: label, onclick }, text);
    this.search = make("input", {
      type: "search", placeholder: "Find a name or operation", "aria-label": "Find a name or operation",
      oninput: () => this.find(), onkeydown: (event) => event.key === "Enter" && this.next(),
    });
    this.matches = make("output", {});
    this.forms = [this.drawn, ...details];
    const choose = () => this.turnTo(this.forms.find(({ name }) => name === this.detail.value));
    this.detail = make("select", { "aria-label": "Detail", title: "Detail: how much is folded", onchange: choose },
      ...this.forms.map(({ name }) => make("option", {}, name)));
    return make("div", { class: "tools", role: "toolbar", "aria-label": "Picture" },
      ...this.steps ? [this.search, this.matches] : [], ...this.forms.length > 1 ? [this.detail] : [], make("span", { class: "space" }),
      button("−", "Zoom out", () => this.view.zoomMiddle(1 / 1.4)), button("+", "Zoom in", () => this.view.zoomMiddle(1.4)),
      button("Fit", "Show all of it", () => this.view.fit()));
  }

  controls() {
    const button = (text, label, onclick) => make("button", { type: "button", "aria-label": label, title: label, onclick }, text);
    this.play = button("▶", "Play", () => this.playing ? this.stop() : this.start());
    this.slider = make("input", {
      type: "range", min: 0, max: this.steps.length, "aria-label": "Step", oninput: () => { this.stop(); this.show(Number(this.slider.value)); },
    });
    this.place = make("output", {});
    return make("div", { class: "controls" }, this.play, button("‹", "One step back", () => this.move(-1)),
      button("›", "One step on", () => this.move(1)), this.slider, this.place);
  }

  words() {
    this.says = make("section", { class: "says", "aria-live": "polite" });
    this.looks = make("section", { class: "looks" });
    return make("div", { class: "words" }, this.says, this.looks);
  }

  // -- steps -------------------------------------------------------------------------------

  show(position, follow = true) {
    this.position = Math.max(0, Math.min(this.steps.length, position));
    const state = this.state = this.steps.at(this.position);
    this.painter.paint(state);
    this.slider.value = this.position;
    this.place.textContent = `${this.position} / ${this.steps.length}`;
    this.says.replaceChildren(...stepText(this.steps, state, contents));
    this.slider.setAttribute("aria-valuetext", [...this.says.querySelector("h2").children].map((part) => part.textContent).join(": "));
    this.highlight(state, follow);
    this.tell();
    this.report({ step: this.position });
  }

  highlight(state, follow) {
    for (const { element } of this.lit ?? []) element.classList.remove("now");
    for (const halo of this.halos ?? []) halo.remove();
    const card = this.picture.cards.get(this.picture.shown.cards[state.place]);
    const fires = state.kind === "backward" || state.kind === "forward";
    const lines = fires ? this.picture.lines.filter(({ uses }) => uses.some(([place]) => place === state.place)) : [];
    this.lit = [...card ? [card] : [], ...lines];
    for (const { element } of this.lit) element.classList.add("now");
    this.halos = lines.map(({ path }) => {
      const halo = path.cloneNode();
      halo.removeAttribute("stroke-dasharray");
      halo.setAttribute("class", "halo");
      path.before(halo);
      return halo;
    });
    if (card && follow) this.view.follow(card.element);
  }

  move(by) { this.stop(); this.show(this.position + by); }

  start() {
    if (this.position === this.steps.length) this.show(0);
    this.playing = setInterval(() => {
      this.show(this.position + 1);
      if (this.position === this.steps.length) this.stop();
    }, 900);
    this.played("⏸", "Pause", "off");
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.played("▶", "Play", "polite");
  }

  played(text, label, live) {
    this.play.textContent = text;
    this.play.setAttribute("aria-label", label);
    this.play.title = label;
    this.says.setAttribute("aria-live", live); // a screen reader is not interrupted all the time
  }

  key(event) {
    const typing = event.composedPath()[0].tagName === "INPUT" && event.composedPath()[0] !== this.slider;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const card = this.order.find(({ element }) => element === event.composedPath()[0]);
    const keys = {
      ArrowLeft: () => this.move(-1), ArrowRight: () => this.move(1),
      Home: () => this.move(-Infinity), End: () => this.move(Infinity), Escape: () => this.clear(),
      ...card && {
        ArrowUp: () => this.neighbour(card, -1), ArrowDown: () => this.neighbour(card, 1),
        Enter: () => this.select(card), " ": () => this.select(card),
      },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  neighbour(card, by) {
    const next = this.order[this.order.indexOf(card) + by];
    if (!next) return;
    next.element.focus({ preventScroll: true });
    this.view.follow(next.element);
  }

  // -- a node, two nodes, a search ---------------------------------------------------------

  look(card) { this.looked = card; this.tell(); }

  select(card) {
    const known = this.selected.includes(card);
    this.selected = known ? this.selected.filter((one) => one !== card) : this.selected.length === 2 ? [card] : [...this.selected, card];
    this.looked = null;
    this.mark();
  }

  clear() {
    this.selected = [];
    this.looked = null;
    this.search.value = "";
    this.find();
  }

  find() { this.hit = -1; this.mark(); }

  mark() {
    for (const card of this.picture.cards.values()) {
      const chosen = this.selected.includes(card);
      card.element.classList.toggle("chosen", chosen);
      card.element.setAttribute("aria-pressed", String(chosen));
    }
    this.fade(this.paths());
    this.tell();
    this.report({ selected: this.selected.map((card) => this.nameOf(card)) });
  }

  nameOf(card) { return card.group ? this.form.groups[card.key] : this.steps.names[card.places[0]]; }

  // Choose the cards that are called so; what has no card in this form is left out.
  choose(names) {
    this.selected = this.order.filter((card) => names.includes(this.nameOf(card))).slice(0, 2);
    this.looked = null;
    this.mark();
  }

  // What is said beside the step: of a card that is looked at, of two that are chosen, of one.
  tell() {
    const found = this.paths();
    const card = this.looked ?? this.selected.at(-1), entered = this.looks.querySelector("input:focus");
    if (entered && !this.looked && card) { // the field stays while a number is being entered
      const rest = this.cardText(card).slice(2), field = entered.closest("label");
      while (field.nextSibling) field.nextSibling.remove();
      field.after(...rest);
      return;
    }
    if (found && !this.looked) this.looks.replaceChildren(...found.count ? pathsText(this.steps, found) : [make("p", { class: "note" }, found.none)]);
    else if (card) this.looks.replaceChildren(...this.cardText(card));
    else this.looks.replaceChildren(make("p", { class: "note" }, "Point at a node to see its gradient term by term; click two for the paths between them."), ...this.reset());
  }

  cardText(card) {
    if (card.group) return [...groupText(this.steps, card, this.state), ...this.unfold(card)];
    return [...nodeText(this.steps, card.places[0], this.state, (place, x) => this.change(place, x)), ...this.reset()];
  }

  // The button that shows what is inside a group.
  unfold(card) {
    const inside = this.form === this.drawn && this.forms.find(({ opens }) => opens === card.key);
    return inside ? [make("button", { type: "button", class: "unfold", onclick: () => this.turnTo(inside) }, `Unfold ${card.label}`)] : [];
  }

  paths() {
    if (this.selected.length < 2) return null;
    const [a, b] = this.selected.map((card) => card.group ? card.places.at(-1) : card.places[0]).sort((x, y) => x - y);
    return pathsBetween(this.steps, a, b) ?? { none: `No path leads from ${this.steps.names[a]} to ${this.steps.names[b]}.` };
  }

  // What lies on no path between two chosen nodes, or is not what is looked for, steps back.
  fade(found) {
    const kept = (place) => !found || (found.count ? found.edges.has(place) : found.none === undefined);
    const word = this.search.value.trim().toLowerCase();
    const is = (place) => [this.steps.names[place], this.steps.op(place)].some((text) => text.toLowerCase().includes(word));
    this.hits = word ? this.order.filter(({ places, label }) => places.some(is) || label.toLowerCase().includes(word)) : [];
    for (const card of this.picture.cards.values()) {
      const off = word ? !this.hits.includes(card) : !card.places.some(kept) && !this.selected.includes(card);
      card.element.classList.toggle("faded", off);
    }
    for (const { both, uses } of this.picture.lines) {
      const on = !found || (found.count && uses.some(([place, slot]) => found.edges.get(place)?.some((edge) => edge.slot === slot)));
      for (const element of both) element.classList.toggle("faded", Boolean(word) || !on);
    }
    this.matches.textContent = word ? `${this.hits.length} of ${this.order.length}` : "";
  }

  next() {
    if (!this.hits.length) return;
    this.hit = (this.hit + 1) % this.hits.length;
    const card = this.hits[this.hit];
    this.view.follow(card.element);
    this.look(card);
  }

  // -- other numbers -----------------------------------------------------------------------

  change(place, x) { this.steps.change(place, x); this.show(this.position, false); }

  reset() {
    if (!this.steps.changed) return [];
    const back = () => { this.steps.restore(); this.show(this.position, false); };
    return [make("button", { type: "button", class: "reset", onclick: back }, "Numbers as they were")];
  }
}
