// A flipbook: one picture, a slider, and what stands where at each time.

class Flipbook {
  constructor(image) {
    const host = document.createElement("div"), root = host.attachShadow({ mode: "open" });
    host.className = "glassgrad";
    const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (c) => c.charCodeAt(0));
    const source = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml");
    const svg = document.importNode(source.documentElement, true);
    svg.setAttribute("style", "max-width:100%;height:auto");
    this.elements = [svg, ...svg.querySelectorAll("*")];
    for (const title of svg.querySelectorAll("g > title")) title.textContent = ""; // they are of the last time
    this.last = film.captions.length - 1;
    this.body = this.make("div", { class: "page", role: "group", "aria-label": image.alt });
    this.play = this.make("button", { type: "button", "aria-label": "Play", title: "Play" }, "▶");
    this.slider = this.make("input", { type: "range", min: 0, max: this.last, value: this.last, "aria-label": "Picture" });
    this.says = this.make("output", { "aria-live": "polite" });
    this.play.addEventListener("click", () => this.timer ? this.stop() : this.start());
    this.slider.addEventListener("input", () => { this.stop(); this.show(Number(this.slider.value)); });
    this.body.append(this.make("div", { class: "frame" }, svg), this.make("div", { class: "controls" }, this.play, this.slider, this.says));
    root.append(this.make("style", {}, style), this.body);
    image.replaceWith(host);
    this.show(this.last);
  }

  make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  show(time) {
    this.time = time;
    film.places.forEach(([place, name], i) => {
      const element = this.elements[place], word = film.words[film.shown[time][i]];
      if (name) element.setAttribute(name, word);
      else element.textContent = word;
    });
    this.slider.value = time;
    this.slider.setAttribute("aria-valuetext", film.captions[time]);
    this.says.textContent = film.captions[time];
  }

  start() {
    if (this.time === this.last) this.show(0);
    this.label("❚❚", "Pause");
    this.timer = setInterval(() => this.time < this.last ? this.show(this.time + 1) : this.stop(), 200);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.label("▶", "Play");
  }

  label(sign, words) {
    this.play.textContent = sign;
    for (const name of ["aria-label", "title"]) this.play.setAttribute(name, words);
  }
}

const image = document.querySelector(`img[data-glassgrad="${mark}"]`);
if (image) new Flipbook(image);
