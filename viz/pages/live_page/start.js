// The first paint, from the address.

document.documentElement.className = "";
on(window, "hashchange", ({ newURL }) => readAddress(new URL(newURL).hash)); // it may be rewritten by now
readAddress(location.hash);
