'use strict';
// Cloud sign-in is not available on a closed hospital network; SQL Server logins are used instead.
module.exports = {};
