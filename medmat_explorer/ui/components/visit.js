// Goes to another page. A real visit, so that one step back returns to the view it came from.
export default function ({ data }) {
  window.location.assign(data.address);
}
