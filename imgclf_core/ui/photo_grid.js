// Photos in a grid: one stop of the Tab key, arrows move, Space ticks, Enter opens.
// Names are only ever set as text, never as HTML.

export default function (component) {
  const { data, key, parentElement, setStateValue, setTriggerValue } = component;
  const grid = parentElement.querySelector(".grid");
  // What is ticked here is newer than what the server says of the same photos, for its answer to
  // a tick may arrive after the next one.
  const ticked = grid.ticked ?? new Set(data.ticked);
  grid.ticked = ticked;

  const tell = () => setStateValue("ticked", [...ticked]);
  const open = (card) => {
    if (data.opens) setTriggerValue("opened", card.dataset.id);
  };
  const mark = (card, on) => {
    on ? ticked.add(card.dataset.id) : ticked.delete(card.dataset.id);
    card.setAttribute("aria-selected", String(on));
    const sign = card.querySelector(".tick");
    if (sign) sign.textContent = on ? "✓" : "";
  };
  const tick = (card, range) => {
    if (!data.ticks) return;
    const on = !ticked.has(card.dataset.id);
    const cards = [...grid.children];
    const last = cards.findIndex((one) => one.dataset.id === grid.dataset.last);
    const here = cards.indexOf(card);
    const from = range && last >= 0 ? Math.min(last, here) : here;
    const to = range && last >= 0 ? Math.max(last, here) : here;
    for (const one of cards.slice(from, to + 1)) mark(one, on);
    grid.dataset.last = card.dataset.id;
    tell();
  };
  const focus = (card) => {
    if (!card) return;
    for (const one of grid.children) one.tabIndex = -1;
    card.tabIndex = 0;
    card.focus();
  };
  const move = (card, event) => {
    const cards = [...grid.children];
    const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const ends = { Home: 0, End: cards.length - 1 };
    const target = event.key in ends ? ends[event.key] : cards.indexOf(card) + steps[event.key];
    focus(cards[target]);
  };

  const build = (photo) => {
    const card = document.createElement("div");
    card.className = data.opens ? "card opens" : "card";
    card.dataset.id = photo.id;
    card.setAttribute("role", data.ticks || data.opens ? "option" : "img");
    card.setAttribute("aria-label", photo.alt);
    const image = document.createElement("img");
    image.src = photo.image;
    image.alt = "";
    card.append(image);
    if (data.ticks) {
      const sign = document.createElement("span");
      sign.className = "tick";
      sign.title = "Choose this photo";
      card.append(sign);
    }
    for (const words of photo.lines) {
      const line = document.createElement("div");
      line.className = "line";
      line.textContent = words;
      line.title = words;
      card.append(line);
    }
    return card;
  };

  if (grid.dataset.stamp !== data.stamp) {
    grid.dataset.stamp = data.stamp;
    grid.style.setProperty("--narrowest", `${data.narrowest}px`);
    const active = data.ticks || data.opens;
    grid.setAttribute("role", active ? "listbox" : "group");
    if (data.ticks) grid.setAttribute("aria-multiselectable", "true");
    grid.setAttribute("aria-label", data.label);
    grid.replaceChildren(...data.photos.map(build));
    if (active && grid.firstChild) {
      for (const card of grid.children) card.tabIndex = -1;
      grid.firstChild.tabIndex = 0;
    }
  }
  for (const card of grid.children) mark(card, ticked.has(card.dataset.id));

  grid.onclick = (event) => {
    const card = event.target.closest(".card");
    if (!card) return;
    const choosing = event.target.closest(".tick") || !data.opens;
    if (choosing || event.shiftKey || event.ctrlKey || event.metaKey) tick(card, event.shiftKey);
    else open(card);
  };
  grid.onkeydown = (event) => {
    const card = event.target.closest(".card");
    if (!card) return;
    if (event.key === " ") tick(card, event.shiftKey);
    else if (event.key === "Enter") data.opens ? open(card) : tick(card, false);
    else if (/^(Arrow|Home|End)/.test(event.key)) move(card, event);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
