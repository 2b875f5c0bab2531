import { rows } from '../row.ts';

export const consoleErrors = rows({
  'BODY_INVALID/field': {
    fault: 'input',
    zh: ['{field}：{problem}。', '请改正指出的字段。'],
    en: ['{field}: {problem}.', 'Correct the named field.'],
  },
  'BODY_INVALID/json': {
    fault: 'input',
    zh: ['内容不是有效的 JSON。', '请改正指出的字段。'],
    en: ['the body is not valid JSON.', 'Correct the named field.'],
  },
  'BODY_TOO_LARGE/console': {
    fault: 'input',
    status: 413,
    zh: ['请求内容超过 64 KiB。', '请少发一些。'],
    en: ['the request body is over 64 KiB.', 'Send less.'],
  },
  CONSOLE_CANNOT_LISTEN: {
    fault: 'environment',
    zh: ['无法监听 {host}:{port}（{reason}）。', '请把 {variable} 设为空闲的端口，或停止那个程序。'],
    en: [
      'cannot listen on {host}:{port} ({reason}).',
      'Set {variable} to a free port, or stop the other program.',
    ],
  },
  CONSOLE_PORT_TAKEN: {
    fault: 'environment',
    zh: ['{host} 上的端口 {port} 已被其他程序占用。', '请把 {variable} 设为空闲的端口，或停止那个程序。'],
    en: [
      'port {port} on {host} is in use by another program.',
      'Set {variable} to a free port, or stop the other program.',
    ],
  },
  COOKIES_MIXED: {
    fault: 'input',
    zh: ['本机上的其他程序设置了与控制台同名的 Cookie。', '已将其清除，请再试一次。'],
    en: [
      "something else on this host has set a cookie of the console's name.",
      'It has been removed. Try again.',
    ],
  },
  CROSS_SITE_REFUSED: {
    fault: 'input',
    status: 403,
    zh: ['请求来自别的网站。', '请使用控制台页面。'],
    en: ['the request came from another site.', 'Use the console itself.'],
  },
  'CROSS_SITE_REFUSED/header': {
    fault: 'input',
    status: 403,
    zh: ['请求缺少 {header} 头。', '请使用控制台页面。'],
    en: ['the request lacks the {header} header.', 'Use the console itself.'],
  },
  DEPLOY_BUSY: {
    fault: 'environment',
    zh: ['还有其他部署在进行。', '请过几秒再部署。'],
    en: ['other deploys wait for the one under way.', 'Deploy again in some seconds.'],
  },
  EDITOR_DOWN: {
    fault: 'environment',
    status: 502,
    zh: ['流程编辑器没有应答。', '请确认 flows 服务正在运行。'],
    en: ['the flow editor does not answer.', 'Check that the flows service runs.'],
  },
  HOST_REFUSED: {
    fault: 'input',
    status: 421,
    zh: ['主机没有这个名称。', '请用它的 IP 地址或已配置的名称。'],
    en: ['the box is not known by this host name.', 'Use its IP address or its configured name.'],
  },
  'HOST_REFUSED/none': {
    fault: 'input',
    status: 421,
    zh: ['请求没有 Host 头。', '请用它的 IP 地址或已配置的名称。'],
    en: ['there is no Host header.', 'Use its IP address or its configured name.'],
  },
  INTERNAL: {
    fault: 'environment',
    status: 500,
    zh: ['主机内部出错。', '请查看 runtime 服务的日志。'],
    en: ['something went wrong inside the box.', 'See the log of the runtime service.'],
  },
  LAST_ADMINISTRATOR: {
    fault: 'input',
    status: 409,
    zh: ['这是唯一的管理员。', '请先设置另一位管理员。'],
    en: ['this is the only administrator.', 'Make another one first.'],
  },
  LOGIN_BUSY: {
    fault: 'input',
    status: 429,
    zh: ['登录的人太多。', '请过几秒再试。'],
    en: ['too many logins at once.', 'Try again in some seconds.'],
  },
  LOGIN_FAILED: {
    fault: 'input',
    status: 401,
    zh: ['用户名或密码错误。', '请再试一次。'],
    en: ['user or password is wrong.', 'Try again.'],
  },
  LOGIN_LOCKED: {
    fault: 'input',
    status: 429,
    zh: ['失败次数过多，{seconds} 秒后才能再试。', '请稍后再试。'],
    en: ['too many failed attempts; the next one is heard in {seconds} s.', 'Wait and try again.'],
  },
  NOT_FOUND: {
    fault: 'input',
    status: 404,
    zh: ['找不到该内容。', '请检查地址。'],
    en: ['there is no such thing.', 'Check the address.'],
  },
  'NOT_FOUND/named': {
    fault: 'input',
    status: 404,
    zh: ['没有 {what} {name}。', '请检查地址。'],
    en: ['there is no {what} {name}.', 'Check the address.'],
  },
  'NOT_FOUND/pages': {
    fault: 'input',
    status: 404,
    zh: ['页面还没有构建：npm start 会构建。', '请检查地址。'],
    en: ['the pages are not built: npm start builds them.', 'Check the address.'],
  },
  PAGE_KEY_WRONG: {
    fault: 'input',
    status: 403,
    zh: ['Cookie 不属于本页面的登录。', '请重新登录。'],
    en: ['the cookie is not of the login of this page.', 'Log in again.'],
  },
  PASSWORD_HASH_INVALID: {
    fault: 'environment',
    zh: ['保存的密码散列已损坏。', '请从备份恢复数据库，或由管理员重新创建该用户。'],
    en: [
      'a stored password hash is damaged.',
      'Restore the database from its backup, or have an administrator create the user anew.',
    ],
  },
  PASSWORD_WRONG: {
    fault: 'input',
    status: 403,
    zh: ['您本人的密码不对。', '请输入您登录用的密码。'],
    en: ['your own password is wrong.', 'Type the password that you log in with.'],
  },
  ROLE_FORBIDDEN: {
    fault: 'input',
    status: 403,
    zh: ['您的角色不能做这件事。', '请找管理员。'],
    en: ['your role may not do this.', 'Ask an administrator.'],
  },
  SERVICE_WORKER_REFUSED: {
    fault: 'input',
    status: 403,
    zh: ['本系统不使用 Service Worker。', '请使用控制台页面。'],
    en: ['the box has no service worker.', 'Use the console itself.'],
  },
  SESSION_REQUIRED: {
    fault: 'input',
    status: 401,
    zh: ['登录已失效。', '请重新登录。'],
    en: ['there is no valid login.', 'Log in.'],
  },
  SETUP_CODE_WRONG: {
    fault: 'input',
    status: 403,
    zh: ['一次性代码不对。', '请查看主机的日志或屏幕。'],
    en: ['the one-time code is wrong.', 'Read it from the log or screen of the box.'],
  },
  SETUP_DONE: {
    fault: 'input',
    status: 409,
    zh: ['主机已完成设置。', '请登录。'],
    en: ['the box is already set up.', 'Log in.'],
  },
  TICKET_WRONG: {
    fault: 'input',
    status: 403,
    zh: ['打开流程编辑器的凭证已用过或已过期。', '请从控制台菜单打开编辑器。'],
    en: [
      'the ticket for the flow editor has been used or is too old.',
      "Open the editor from the console's menu.",
    ],
  },
  TOO_MANY_CONNECTIONS: {
    fault: 'environment',
    zh: ['该用户打开的连接过多。', '请关闭一些页面。'],
    en: ['this user has too many connections open.', 'Close some pages.'],
  },
  TOO_MANY_VIEWERS: {
    fault: 'environment',
    zh: ['打开的实时画面过多。', '请先关闭一个。'],
    en: ['too many live views are open.', 'Close one.'],
  },
  'TOO_MANY_VIEWERS/of': {
    fault: 'environment',
    zh: ['{whose}打开的{what}过多。', '请先关闭一个。'],
    en: ['too many {what} {whose}.', 'Close one.'],
  },
  USER_EXISTS: {
    fault: 'input',
    status: 409,
    zh: ['已有名为 {name} 的用户。', '请换一个名称。'],
    en: ['a user called {name} exists.', 'Take another name.'],
  },
  USER_UNKNOWN: {
    fault: 'input',
    status: 404,
    zh: ['没有这个用户。', '请刷新列表。'],
    en: ['there is no such user.', 'Load the list again.'],
  },
});
