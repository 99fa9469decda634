// What can be chosen in each state, in the order in which keys walk through it and numbers name it.

/**
 * `shown`: {groups, group, listed, choices, nearest, entry, details}, the indices and ids of what is on the screen.
 * Each item has the sentence that says it, and the event that choosing it is.
 */
export function items(at, shown) {
  const control = (type, content = {}, sentence = type) => ({ sentence, event: { type, ...content } });
  const change = (command) => control("change", { command }, command);
  const entry = (id) => control("show", { entry: id }, `question/${id}`);
  const groups = () => shown.groups.map((_, group) => control("group", { group }, `group/${group}`));
  const byGroup = shown.groups.length > 1;
  switch (at) {
    case "attract":
    case "ready":
      return [...(byGroup ? groups() : shown.listed.map(entry)), control("help"), control("finish")];
    case "browse":
      return byGroup && shown.group === null ? [...groups(), control("back")] : [...shown.listed.map(entry), control(byGroup ? "browse" : "back")];
    case "choosing":
      return [
        ...shown.choices.map((id, i) => control("choose", { number: i + 1 }, `question/${id}`)),
        control("choose", { number: 0 }, shown.choices.length > 1 ? "none_of_them" : "not_this"),
      ];
    case "rejected":
      return [...shown.nearest.map(entry), ...(byGroup ? groups() : []), control("browse"), control("finish")];
    case "answer":
      return [
        control("repeat"), change("slower"), change("faster"), change("louder"), change("quieter"),
        ...(shown.details ? [control("details", { sentences: [`details/${shown.entry}`] })] : []),
        control("browse"), control("finish"),
      ];
    default:
      return [];
  }
}

/** The sentences that say an item: its number, where a key has it, and what it is. */
export function spoken(item, index) {
  return [...(index < 9 ? [`number/${index + 1}`] : []), item.sentence];
}
