// Words: numbers and formulas as text, written as autograd/text.py writes them.

const trimmed = (digits) => digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;

// Halfway between two texts of six digits Python takes the one that ends in an even digit.
const toEven = (x) => {
  const one = x.toPrecision(6), other = (2 * x - Number(one)).toPrecision(6);
  const tie = Number(one) !== x && Number(one) - x === x - Number(other);
  const odd = /[13579]$/.test(one.replace(/e.*/, ""));
  return tie && odd ? Number(other) : x;
};

const number = (x) => {
  if (x === null) return "·";
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const rounded = toEven(x);
  const [mantissa, exponent] = rounded.toExponential(5).split("e").map((part, i) => i ? Number(part) : part);
  const short = exponent < -4 || exponent >= 6;
  const text = short ? `${trimmed(mantissa)}e${exponent}` : trimmed(rounded.toPrecision(6));
  return text.replaceAll("-", "−");
};

// In parentheses where a minus sign would bind less tightly than what stands around it.
const inside = (x, least = 4) => {
  const text = number(x);
  return text.startsWith("−") && least > 3 ? `(${text})` : text;
};

// A formula with a text in each of its slots, which are between marks.
const filled = (formula, operand) =>
  formula.split("\x7f").map((part, i) => {
    if (i % 2 === 0) return part;
    const [k, least] = part.split(":");
    return operand(Number(k), Number(least || 0));
  }).join("");

const partial = (above, below) => `∂${above}/∂${below}`;

const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${Number(count) === 1 ? "" : "s"}`;
