// Whether texts can be read.

/** Runs in the page: texts whose colour is too near to what lies behind them. */
export function poorContrasts() {
  const channels = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    // color(srgb r g b / a) counts from 0 to 1, rgb() to 255.
    const scale = colour.startsWith("color(") ? 255 : 1;
    const [r, g, b, a = 1] = numbers;
    return [r * scale, g * scale, b * scale, a];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((channel, at) => channel * a + under[at] * (1 - a));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((channel) => (channel /= 255) <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const drawn = element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
    if (!own || !drawn || element.closest(":disabled, svg, option, .cm-editor [aria-hidden]")) continue;
    const under = behind(element);
    const text = over(channels(getComputedStyle(element).color), under);
    const [light, dark] = [luminance(text), luminance(under)].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) poor.push(`${contrast.toFixed(2)} ${element.className} "${element.textContent.trim().slice(0, 30)}"`);
  }
  return [...new Set(poor)];
}
