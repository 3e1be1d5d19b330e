// Stands before every component's own script. Text from data goes into elements through textContent, here and there.

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// A component whose picture outlives a drawing: `build(parent)` makes it once, with its `root` and `observer`, and
// `draw(picture, data)` brings it up to date, so that focus, zoom and gliding survive.
function mounted(build, draw) {
  const pictures = new WeakMap();
  return function (component) {
    const { parentElement, data } = component;
    let picture = pictures.get(parentElement);
    if (!picture) {
      picture = build(parentElement);
      pictures.set(parentElement, picture);
    }
    picture.component = component;
    draw(picture, data);
    return () => {
      picture.observer.disconnect();
      picture.root.remove();
      pictures.delete(parentElement);
    };
  };
}

