// The first paint, from the address.

document.documentElement.classList.add("has-script");
on(window, "hashchange", ({ newURL }) => readAddress(new URL(newURL).hash)); // it may be rewritten by now
readAddress(location.hash);
