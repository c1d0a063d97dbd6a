import "./tokens.css";
import "./app.css";

import { mount } from "svelte";

import App from "./frame/App.svelte";
import { show } from "./lib/size.svelte";

show();
const target = document.getElementById("window");
if (target) mount(App, { target });
