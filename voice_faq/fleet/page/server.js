// The control room's server is asked as the editor's is.

import { call, enter, program } from "/editor/server.js";

program.unreachable = "连不上控制室的程序。请看看 voice-faq fleet serve 是不是还在运行。";

export { call, enter };
