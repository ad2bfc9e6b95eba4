// View: zoom that leaves the page's scroll alone, drag, fit. The picture moves behind its frame.

const SMALLEST = 0.65; // pixels to a unit where a view begins: on a phone a part is seen, readable
const CLOSEST = 8, FARTHEST = 0.5; // pixels to a unit; of the scale at which all of it fits

class View {
  constructor(frame) {
    this.frame = frame;
    frame.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.grab(event));
    new ResizeObserver(() => this.resize()).observe(frame);
  }

  put(svg) {
    const { width, height } = svg.viewBox.baseVal;
    Object.assign(this, { svg, whole: { width, height }, wide: 0, moved: false });
    this.frame.replaceChildren(svg);
    this.resize();
  }

  resize() {
    const wide = this.frame.clientWidth, { width, height } = this.whole;
    if (!wide || wide === this.wide) return;
    this.wide = wide;
    const high = Math.min(height * Math.min(1, Math.max(SMALLEST, wide / width)), Math.max(280, window.innerHeight * 0.6));
    this.frame.style.height = `${Math.ceil(high)}px`;
    this.fitting = Math.min(wide / width, high / height, 1);
    if (!this.moved && wide / width < SMALLEST) this.show(0, 0, SMALLEST); // its upper left part
    else if (!this.moved) this.fit();
  }

  fit() {
    const { clientWidth: wide, clientHeight: high } = this.frame, scale = this.fitting;
    this.moved = false;
    this.show((this.whole.width - wide / scale) / 2, (this.whole.height - high / scale) / 2, scale);
  }

  // The place in the picture that is in the frame's upper left corner, and pixels to a unit.
  show(x, y, scale) {
    Object.assign(this, { x, y, scale });
    this.svg.style.transform = `scale(${scale}) translate(${-x}px, ${-y}px)`;
    this.frame.classList.toggle("zoomed", scale > this.fitting * 1.01);
  }

  // The place in the picture that is at a place on the screen.
  at(clientX, clientY) {
    const { left, top } = this.frame.getBoundingClientRect();
    return [this.x + (clientX - left) / this.scale, this.y + (clientY - top) / this.scale];
  }

  // Closer by a factor, so that what is at a place on the screen stays there.
  zoom(factor, clientX, clientY) {
    const scale = Math.min(CLOSEST, Math.max(FARTHEST * this.fitting, this.scale * factor));
    const [x, y] = this.at(clientX, clientY), share = this.scale / scale;
    this.moved = true;
    this.show(x - (x - this.x) * share, y - (y - this.y) * share, scale);
  }

  zoomMiddle(factor) {
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    this.zoom(factor, left + width / 2, top + height / 2);
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }

  grab(event) {
    if (event.button) return;
    const { x, y, scale } = this, { clientX, clientY, pointerId } = event;
    const drag = (move) => {
      const dx = move.clientX - clientX, dy = move.clientY - clientY;
      if (!this.dragging && Math.hypot(dx, dy) < 4) return;
      if (!this.dragging) this.frame.setPointerCapture(pointerId);
      this.dragging = this.moved = true;
      this.show(x - dx / scale, y - dy / scale, scale);
    };
    const drop = () => {
      this.frame.removeEventListener("pointermove", drag);
      setTimeout(() => { this.dragging = false; }); // after the click that ends it
    };
    this.frame.addEventListener("pointermove", drag);
    for (const end of ["pointerup", "pointercancel"]) this.frame.addEventListener(end, drop, { once: true });
  }

  // So that something can be seen: brought to the middle if it is outside.
  follow(element) {
    const { left, right, top, bottom } = element.getBoundingClientRect(), frame = this.frame.getBoundingClientRect();
    if (left >= frame.left && right <= frame.right && top >= frame.top && bottom <= frame.bottom) return;
    const [x, y] = this.at((left + right) / 2, (top + bottom) / 2);
    this.moved = true;
    this.show(x - frame.width / 2 / this.scale, y - frame.height / 2 / this.scale, this.scale);
  }
}
