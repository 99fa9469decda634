// Numbers and addresses of a text: never broken, and those that people look for as cards.

const LINE = /^\s*(?<label>[^：:。，]+)[：:]\s*(?<value>(?:(?!\.\s|\.$)[^。])+)\s*$/;
const LABEL = 32; // as wide as so many Latin letters, and no wider
const VALUE = 96;
const PLACE = /[路街区号层楼站厅口]|\b(?:street|road|floor|station|hall|gate|exit)\b/i; // in an address
const BUILDING = /[路街站厅]|\b(?:street|road|station|hall)\b/i; // an address without a number too
const TELEPHONE = /(?<![\d-])(?:0\d{2,3}-\d{5,8}|[48]00-\d{3}-?\d{4}|1\d{10}|9\d{4,5}|\+\d[\d -]{6,}\d)(?![\d-])/g;
const NUMBER = /[A-Za-z+]?\d+(?:[-.,:/年月日]?\d+)*(?:\s?[%％元块天岁点年月日张座号层分个折折秒]|\s?(?:yuan|cards?|days|%))?/g;

/** The text in lines that are cards, {label, value}, and the rest as a text; a telephone number is always a card. */
export function facts(text) {
  const cards = [];
  const rest = [];
  let before = null; // the line before, where it is no card
  for (const line of text.split("\n")) {
    const found = LINE.exec(line)?.groups;
    const telephones = line.match(TELEPHONE) ?? [];
    const short = found && width(found.label) <= LABEL && width(found.value) <= VALUE;
    if (short && (telephones.length || (/\d/.test(found.value) && PLACE.test(found.value)) || BUILDING.test(found.value))) {
      cards.push({ label: found.label.trim(), value: found.value.trim() });
      if (before && /[：:]\s*$/.test(before)) rest.pop(); // the heading of cards alone
      before = null;
      continue;
    }
    if (line.trim()) rest.push(line);
    before = line;
    for (const number of telephones) cards.push({ label: null, value: number });
  }
  const unlike = cards.filter(({ value }, i) => cards.findIndex((card) => card.value === value) === i);
  return { cards: unlike, rest: rest.join("\n") };
}

/** Of a text in Latin letters; a Chinese character is as wide as two. */
function width(text) {
  return text.replace(/[\u2e80-\uffef]/g, "xx").length;
}

/** Fills an element with a text whose numbers hold together; on a telephone its telephone numbers can be called. */
export function fill(element, text, { calls = false } = {}) {
  element.replaceChildren();
  let end = 0;
  for (const match of text.matchAll(new RegExp(`${TELEPHONE.source}|${NUMBER.source}`, "g"))) {
    element.append(text.slice(end, match.index));
    const [number] = match;
    const isTelephone = number.search(TELEPHONE) === 0;
    const part = document.createElement(calls && isTelephone ? "a" : "span");
    if (part.matches("a")) part.href = `tel:${number.replace(/[^\d+]/g, "")}`;
    part.className = isTelephone ? "number telephone" : "number";
    part.textContent = number;
    element.append(part);
    end = match.index + number.length;
  }
  element.append(text.slice(end));
}
