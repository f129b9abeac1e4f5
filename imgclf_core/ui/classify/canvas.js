// A picture on which a place is marked by dragging; the place is sent as shares of its sides.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const area = parentElement.querySelector(".canvas");
  const image = area.querySelector("img");
  const mark = area.querySelector(".mark");
  if (image.src !== data.image) image.src = data.image;
  image.alt = data.alt;
  mark.className = data.round ? "mark round" : "mark";
  let start = null;

  const at = (event) => {
    const box = image.getBoundingClientRect();
    const share = (value, from, size) => Math.min(Math.max((value - from) / size, 0), 1);
    return [share(event.clientY, box.top, box.height), share(event.clientX, box.left, box.width)];
  };
  const show = (end) => {
    mark.hidden = false;
    mark.style.top = `${100 * Math.min(start[0], end[0])}%`;
    mark.style.left = `${100 * Math.min(start[1], end[1])}%`;
    mark.style.height = `${100 * Math.abs(end[0] - start[0])}%`;
    mark.style.width = `${100 * Math.abs(end[1] - start[1])}%`;
  };
  area.onpointerdown = (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    start = at(event);
    area.setPointerCapture(event.pointerId);
    show(start);
  };
  area.onpointermove = (event) => {
    if (start) show(at(event));
  };
  area.onpointercancel = () => {
    start = null;
    mark.hidden = true;
  };
  area.onpointerup = (event) => {
    if (!start) return;
    const end = at(event);
    mark.hidden = true;
    setTriggerValue("drawn", { start, end });
    start = null;
  };
}
