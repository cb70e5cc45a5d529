// The first paint, from the address.

document.documentElement.classList.add("has-script");
addEventListener("hashchange", () => readAddress(location.hash));
readAddress(location.hash);
