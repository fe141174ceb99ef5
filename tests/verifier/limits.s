#= kernel 6.18
# Limits of a program as a whole: maps, functions, jumps that are still to be followed, what a sleepable program or a
# program of a control group may refer to.
.license "GPL"

#== 64 maps
#= accepted
.map m0, array, key=4, value=4, entries=1
.map m1, array, key=4, value=4, entries=1
.map m2, array, key=4, value=4, entries=1
.map m3, array, key=4, value=4, entries=1
.map m4, array, key=4, value=4, entries=1
.map m5, array, key=4, value=4, entries=1
.map m6, array, key=4, value=4, entries=1
.map m7, array, key=4, value=4, entries=1
.map m8, array, key=4, value=4, entries=1
.map m9, array, key=4, value=4, entries=1
.map m10, array, key=4, value=4, entries=1
.map m11, array, key=4, value=4, entries=1
.map m12, array, key=4, value=4, entries=1
.map m13, array, key=4, value=4, entries=1
.map m14, array, key=4, value=4, entries=1
.map m15, array, key=4, value=4, entries=1
.map m16, array, key=4, value=4, entries=1
.map m17, array, key=4, value=4, entries=1
.map m18, array, key=4, value=4, entries=1
.map m19, array, key=4, value=4, entries=1
.map m20, array, key=4, value=4, entries=1
.map m21, array, key=4, value=4, entries=1
.map m22, array, key=4, value=4, entries=1
.map m23, array, key=4, value=4, entries=1
.map m24, array, key=4, value=4, entries=1
.map m25, array, key=4, value=4, entries=1
.map m26, array, key=4, value=4, entries=1
.map m27, array, key=4, value=4, entries=1
.map m28, array, key=4, value=4, entries=1
.map m29, array, key=4, value=4, entries=1
.map m30, array, key=4, value=4, entries=1
.map m31, array, key=4, value=4, entries=1
.map m32, array, key=4, value=4, entries=1
.map m33, array, key=4, value=4, entries=1
.map m34, array, key=4, value=4, entries=1
.map m35, array, key=4, value=4, entries=1
.map m36, array, key=4, value=4, entries=1
.map m37, array, key=4, value=4, entries=1
.map m38, array, key=4, value=4, entries=1
.map m39, array, key=4, value=4, entries=1
.map m40, array, key=4, value=4, entries=1
.map m41, array, key=4, value=4, entries=1
.map m42, array, key=4, value=4, entries=1
.map m43, array, key=4, value=4, entries=1
.map m44, array, key=4, value=4, entries=1
.map m45, array, key=4, value=4, entries=1
.map m46, array, key=4, value=4, entries=1
.map m47, array, key=4, value=4, entries=1
.map m48, array, key=4, value=4, entries=1
.map m49, array, key=4, value=4, entries=1
.map m50, array, key=4, value=4, entries=1
.map m51, array, key=4, value=4, entries=1
.map m52, array, key=4, value=4, entries=1
.map m53, array, key=4, value=4, entries=1
.map m54, array, key=4, value=4, entries=1
.map m55, array, key=4, value=4, entries=1
.map m56, array, key=4, value=4, entries=1
.map m57, array, key=4, value=4, entries=1
.map m58, array, key=4, value=4, entries=1
.map m59, array, key=4, value=4, entries=1
.map m60, array, key=4, value=4, entries=1
.map m61, array, key=4, value=4, entries=1
.map m62, array, key=4, value=4, entries=1
.map m63, array, key=4, value=4, entries=1
.section tc
        r1 = m0 ll
        r1 = m1 ll
        r1 = m2 ll
        r1 = m3 ll
        r1 = m4 ll
        r1 = m5 ll
        r1 = m6 ll
        r1 = m7 ll
        r1 = m8 ll
        r1 = m9 ll
        r1 = m10 ll
        r1 = m11 ll
        r1 = m12 ll
        r1 = m13 ll
        r1 = m14 ll
        r1 = m15 ll
        r1 = m16 ll
        r1 = m17 ll
        r1 = m18 ll
        r1 = m19 ll
        r1 = m20 ll
        r1 = m21 ll
        r1 = m22 ll
        r1 = m23 ll
        r1 = m24 ll
        r1 = m25 ll
        r1 = m26 ll
        r1 = m27 ll
        r1 = m28 ll
        r1 = m29 ll
        r1 = m30 ll
        r1 = m31 ll
        r1 = m32 ll
        r1 = m33 ll
        r1 = m34 ll
        r1 = m35 ll
        r1 = m36 ll
        r1 = m37 ll
        r1 = m38 ll
        r1 = m39 ll
        r1 = m40 ll
        r1 = m41 ll
        r1 = m42 ll
        r1 = m43 ll
        r1 = m44 ll
        r1 = m45 ll
        r1 = m46 ll
        r1 = m47 ll
        r1 = m48 ll
        r1 = m49 ll
        r1 = m50 ll
        r1 = m51 ll
        r1 = m52 ll
        r1 = m53 ll
        r1 = m54 ll
        r1 = m55 ll
        r1 = m56 ll
        r1 = m57 ll
        r1 = m58 ll
        r1 = m59 ll
        r1 = m60 ll
        r1 = m61 ll
        r1 = m62 ll
        r1 = m63 ll
        r0 = 0
        exit

#== 65 maps
#= rejected: The total number of maps per program has reached the limit of 64 (errno E2BIG)
.map m0, array, key=4, value=4, entries=1
.map m1, array, key=4, value=4, entries=1
.map m2, array, key=4, value=4, entries=1
.map m3, array, key=4, value=4, entries=1
.map m4, array, key=4, value=4, entries=1
.map m5, array, key=4, value=4, entries=1
.map m6, array, key=4, value=4, entries=1
.map m7, array, key=4, value=4, entries=1
.map m8, array, key=4, value=4, entries=1
.map m9, array, key=4, value=4, entries=1
.map m10, array, key=4, value=4, entries=1
.map m11, array, key=4, value=4, entries=1
.map m12, array, key=4, value=4, entries=1
.map m13, array, key=4, value=4, entries=1
.map m14, array, key=4, value=4, entries=1
.map m15, array, key=4, value=4, entries=1
.map m16, array, key=4, value=4, entries=1
.map m17, array, key=4, value=4, entries=1
.map m18, array, key=4, value=4, entries=1
.map m19, array, key=4, value=4, entries=1
.map m20, array, key=4, value=4, entries=1
.map m21, array, key=4, value=4, entries=1
.map m22, array, key=4, value=4, entries=1
.map m23, array, key=4, value=4, entries=1
.map m24, array, key=4, value=4, entries=1
.map m25, array, key=4, value=4, entries=1
.map m26, array, key=4, value=4, entries=1
.map m27, array, key=4, value=4, entries=1
.map m28, array, key=4, value=4, entries=1
.map m29, array, key=4, value=4, entries=1
.map m30, array, key=4, value=4, entries=1
.map m31, array, key=4, value=4, entries=1
.map m32, array, key=4, value=4, entries=1
.map m33, array, key=4, value=4, entries=1
.map m34, array, key=4, value=4, entries=1
.map m35, array, key=4, value=4, entries=1
.map m36, array, key=4, value=4, entries=1
.map m37, array, key=4, value=4, entries=1
.map m38, array, key=4, value=4, entries=1
.map m39, array, key=4, value=4, entries=1
.map m40, array, key=4, value=4, entries=1
.map m41, array, key=4, value=4, entries=1
.map m42, array, key=4, value=4, entries=1
.map m43, array, key=4, value=4, entries=1
.map m44, array, key=4, value=4, entries=1
.map m45, array, key=4, value=4, entries=1
.map m46, array, key=4, value=4, entries=1
.map m47, array, key=4, value=4, entries=1
.map m48, array, key=4, value=4, entries=1
.map m49, array, key=4, value=4, entries=1
.map m50, array, key=4, value=4, entries=1
.map m51, array, key=4, value=4, entries=1
.map m52, array, key=4, value=4, entries=1
.map m53, array, key=4, value=4, entries=1
.map m54, array, key=4, value=4, entries=1
.map m55, array, key=4, value=4, entries=1
.map m56, array, key=4, value=4, entries=1
.map m57, array, key=4, value=4, entries=1
.map m58, array, key=4, value=4, entries=1
.map m59, array, key=4, value=4, entries=1
.map m60, array, key=4, value=4, entries=1
.map m61, array, key=4, value=4, entries=1
.map m62, array, key=4, value=4, entries=1
.map m63, array, key=4, value=4, entries=1
.map m64, array, key=4, value=4, entries=1
.section tc
        r1 = m0 ll
        r1 = m1 ll
        r1 = m2 ll
        r1 = m3 ll
        r1 = m4 ll
        r1 = m5 ll
        r1 = m6 ll
        r1 = m7 ll
        r1 = m8 ll
        r1 = m9 ll
        r1 = m10 ll
        r1 = m11 ll
        r1 = m12 ll
        r1 = m13 ll
        r1 = m14 ll
        r1 = m15 ll
        r1 = m16 ll
        r1 = m17 ll
        r1 = m18 ll
        r1 = m19 ll
        r1 = m20 ll
        r1 = m21 ll
        r1 = m22 ll
        r1 = m23 ll
        r1 = m24 ll
        r1 = m25 ll
        r1 = m26 ll
        r1 = m27 ll
        r1 = m28 ll
        r1 = m29 ll
        r1 = m30 ll
        r1 = m31 ll
        r1 = m32 ll
        r1 = m33 ll
        r1 = m34 ll
        r1 = m35 ll
        r1 = m36 ll
        r1 = m37 ll
        r1 = m38 ll
        r1 = m39 ll
        r1 = m40 ll
        r1 = m41 ll
        r1 = m42 ll
        r1 = m43 ll
        r1 = m44 ll
        r1 = m45 ll
        r1 = m46 ll
        r1 = m47 ll
        r1 = m48 ll
        r1 = m49 ll
        r1 = m50 ll
        r1 = m51 ll
        r1 = m52 ll
        r1 = m53 ll
        r1 = m54 ll
        r1 = m55 ll
        r1 = m56 ll
        r1 = m57 ll
        r1 = m58 ll
        r1 = m59 ll
        r1 = m60 ll
        r1 = m61 ll
        r1 = m62 ll
        r1 = m63 ll
        r1 = m64 ll
        r0 = 0
        exit

#== 256 functions with the main one
#= accepted
.section tc
        call f0
        call f1
        call f2
        call f3
        call f4
        call f5
        call f6
        call f7
        call f8
        call f9
        call f10
        call f11
        call f12
        call f13
        call f14
        call f15
        call f16
        call f17
        call f18
        call f19
        call f20
        call f21
        call f22
        call f23
        call f24
        call f25
        call f26
        call f27
        call f28
        call f29
        call f30
        call f31
        call f32
        call f33
        call f34
        call f35
        call f36
        call f37
        call f38
        call f39
        call f40
        call f41
        call f42
        call f43
        call f44
        call f45
        call f46
        call f47
        call f48
        call f49
        call f50
        call f51
        call f52
        call f53
        call f54
        call f55
        call f56
        call f57
        call f58
        call f59
        call f60
        call f61
        call f62
        call f63
        call f64
        call f65
        call f66
        call f67
        call f68
        call f69
        call f70
        call f71
        call f72
        call f73
        call f74
        call f75
        call f76
        call f77
        call f78
        call f79
        call f80
        call f81
        call f82
        call f83
        call f84
        call f85
        call f86
        call f87
        call f88
        call f89
        call f90
        call f91
        call f92
        call f93
        call f94
        call f95
        call f96
        call f97
        call f98
        call f99
        call f100
        call f101
        call f102
        call f103
        call f104
        call f105
        call f106
        call f107
        call f108
        call f109
        call f110
        call f111
        call f112
        call f113
        call f114
        call f115
        call f116
        call f117
        call f118
        call f119
        call f120
        call f121
        call f122
        call f123
        call f124
        call f125
        call f126
        call f127
        call f128
        call f129
        call f130
        call f131
        call f132
        call f133
        call f134
        call f135
        call f136
        call f137
        call f138
        call f139
        call f140
        call f141
        call f142
        call f143
        call f144
        call f145
        call f146
        call f147
        call f148
        call f149
        call f150
        call f151
        call f152
        call f153
        call f154
        call f155
        call f156
        call f157
        call f158
        call f159
        call f160
        call f161
        call f162
        call f163
        call f164
        call f165
        call f166
        call f167
        call f168
        call f169
        call f170
        call f171
        call f172
        call f173
        call f174
        call f175
        call f176
        call f177
        call f178
        call f179
        call f180
        call f181
        call f182
        call f183
        call f184
        call f185
        call f186
        call f187
        call f188
        call f189
        call f190
        call f191
        call f192
        call f193
        call f194
        call f195
        call f196
        call f197
        call f198
        call f199
        call f200
        call f201
        call f202
        call f203
        call f204
        call f205
        call f206
        call f207
        call f208
        call f209
        call f210
        call f211
        call f212
        call f213
        call f214
        call f215
        call f216
        call f217
        call f218
        call f219
        call f220
        call f221
        call f222
        call f223
        call f224
        call f225
        call f226
        call f227
        call f228
        call f229
        call f230
        call f231
        call f232
        call f233
        call f234
        call f235
        call f236
        call f237
        call f238
        call f239
        call f240
        call f241
        call f242
        call f243
        call f244
        call f245
        call f246
        call f247
        call f248
        call f249
        call f250
        call f251
        call f252
        call f253
        call f254
        r0 = 0
        exit
.text
f0:     r0 = 0
        exit
f1:     r0 = 0
        exit
f2:     r0 = 0
        exit
f3:     r0 = 0
        exit
f4:     r0 = 0
        exit
f5:     r0 = 0
        exit
f6:     r0 = 0
        exit
f7:     r0 = 0
        exit
f8:     r0 = 0
        exit
f9:     r0 = 0
        exit
f10:    r0 = 0
        exit
f11:    r0 = 0
        exit
f12:    r0 = 0
        exit
f13:    r0 = 0
        exit
f14:    r0 = 0
        exit
f15:    r0 = 0
        exit
f16:    r0 = 0
        exit
f17:    r0 = 0
        exit
f18:    r0 = 0
        exit
f19:    r0 = 0
        exit
f20:    r0 = 0
        exit
f21:    r0 = 0
        exit
f22:    r0 = 0
        exit
f23:    r0 = 0
        exit
f24:    r0 = 0
        exit
f25:    r0 = 0
        exit
f26:    r0 = 0
        exit
f27:    r0 = 0
        exit
f28:    r0 = 0
        exit
f29:    r0 = 0
        exit
f30:    r0 = 0
        exit
f31:    r0 = 0
        exit
f32:    r0 = 0
        exit
f33:    r0 = 0
        exit
f34:    r0 = 0
        exit
f35:    r0 = 0
        exit
f36:    r0 = 0
        exit
f37:    r0 = 0
        exit
f38:    r0 = 0
        exit
f39:    r0 = 0
        exit
f40:    r0 = 0
        exit
f41:    r0 = 0
        exit
f42:    r0 = 0
        exit
f43:    r0 = 0
        exit
f44:    r0 = 0
        exit
f45:    r0 = 0
        exit
f46:    r0 = 0
        exit
f47:    r0 = 0
        exit
f48:    r0 = 0
        exit
f49:    r0 = 0
        exit
f50:    r0 = 0
        exit
f51:    r0 = 0
        exit
f52:    r0 = 0
        exit
f53:    r0 = 0
        exit
f54:    r0 = 0
        exit
f55:    r0 = 0
        exit
f56:    r0 = 0
        exit
f57:    r0 = 0
        exit
f58:    r0 = 0
        exit
f59:    r0 = 0
        exit
f60:    r0 = 0
        exit
f61:    r0 = 0
        exit
f62:    r0 = 0
        exit
f63:    r0 = 0
        exit
f64:    r0 = 0
        exit
f65:    r0 = 0
        exit
f66:    r0 = 0
        exit
f67:    r0 = 0
        exit
f68:    r0 = 0
        exit
f69:    r0 = 0
        exit
f70:    r0 = 0
        exit
f71:    r0 = 0
        exit
f72:    r0 = 0
        exit
f73:    r0 = 0
        exit
f74:    r0 = 0
        exit
f75:    r0 = 0
        exit
f76:    r0 = 0
        exit
f77:    r0 = 0
        exit
f78:    r0 = 0
        exit
f79:    r0 = 0
        exit
f80:    r0 = 0
        exit
f81:    r0 = 0
        exit
f82:    r0 = 0
        exit
f83:    r0 = 0
        exit
f84:    r0 = 0
        exit
f85:    r0 = 0
        exit
f86:    r0 = 0
        exit
f87:    r0 = 0
        exit
f88:    r0 = 0
        exit
f89:    r0 = 0
        exit
f90:    r0 = 0
        exit
f91:    r0 = 0
        exit
f92:    r0 = 0
        exit
f93:    r0 = 0
        exit
f94:    r0 = 0
        exit
f95:    r0 = 0
        exit
f96:    r0 = 0
        exit
f97:    r0 = 0
        exit
f98:    r0 = 0
        exit
f99:    r0 = 0
        exit
f100:   r0 = 0
        exit
f101:   r0 = 0
        exit
f102:   r0 = 0
        exit
f103:   r0 = 0
        exit
f104:   r0 = 0
        exit
f105:   r0 = 0
        exit
f106:   r0 = 0
        exit
f107:   r0 = 0
        exit
f108:   r0 = 0
        exit
f109:   r0 = 0
        exit
f110:   r0 = 0
        exit
f111:   r0 = 0
        exit
f112:   r0 = 0
        exit
f113:   r0 = 0
        exit
f114:   r0 = 0
        exit
f115:   r0 = 0
        exit
f116:   r0 = 0
        exit
f117:   r0 = 0
        exit
f118:   r0 = 0
        exit
f119:   r0 = 0
        exit
f120:   r0 = 0
        exit
f121:   r0 = 0
        exit
f122:   r0 = 0
        exit
f123:   r0 = 0
        exit
f124:   r0 = 0
        exit
f125:   r0 = 0
        exit
f126:   r0 = 0
        exit
f127:   r0 = 0
        exit
f128:   r0 = 0
        exit
f129:   r0 = 0
        exit
f130:   r0 = 0
        exit
f131:   r0 = 0
        exit
f132:   r0 = 0
        exit
f133:   r0 = 0
        exit
f134:   r0 = 0
        exit
f135:   r0 = 0
        exit
f136:   r0 = 0
        exit
f137:   r0 = 0
        exit
f138:   r0 = 0
        exit
f139:   r0 = 0
        exit
f140:   r0 = 0
        exit
f141:   r0 = 0
        exit
f142:   r0 = 0
        exit
f143:   r0 = 0
        exit
f144:   r0 = 0
        exit
f145:   r0 = 0
        exit
f146:   r0 = 0
        exit
f147:   r0 = 0
        exit
f148:   r0 = 0
        exit
f149:   r0 = 0
        exit
f150:   r0 = 0
        exit
f151:   r0 = 0
        exit
f152:   r0 = 0
        exit
f153:   r0 = 0
        exit
f154:   r0 = 0
        exit
f155:   r0 = 0
        exit
f156:   r0 = 0
        exit
f157:   r0 = 0
        exit
f158:   r0 = 0
        exit
f159:   r0 = 0
        exit
f160:   r0 = 0
        exit
f161:   r0 = 0
        exit
f162:   r0 = 0
        exit
f163:   r0 = 0
        exit
f164:   r0 = 0
        exit
f165:   r0 = 0
        exit
f166:   r0 = 0
        exit
f167:   r0 = 0
        exit
f168:   r0 = 0
        exit
f169:   r0 = 0
        exit
f170:   r0 = 0
        exit
f171:   r0 = 0
        exit
f172:   r0 = 0
        exit
f173:   r0 = 0
        exit
f174:   r0 = 0
        exit
f175:   r0 = 0
        exit
f176:   r0 = 0
        exit
f177:   r0 = 0
        exit
f178:   r0 = 0
        exit
f179:   r0 = 0
        exit
f180:   r0 = 0
        exit
f181:   r0 = 0
        exit
f182:   r0 = 0
        exit
f183:   r0 = 0
        exit
f184:   r0 = 0
        exit
f185:   r0 = 0
        exit
f186:   r0 = 0
        exit
f187:   r0 = 0
        exit
f188:   r0 = 0
        exit
f189:   r0 = 0
        exit
f190:   r0 = 0
        exit
f191:   r0 = 0
        exit
f192:   r0 = 0
        exit
f193:   r0 = 0
        exit
f194:   r0 = 0
        exit
f195:   r0 = 0
        exit
f196:   r0 = 0
        exit
f197:   r0 = 0
        exit
f198:   r0 = 0
        exit
f199:   r0 = 0
        exit
f200:   r0 = 0
        exit
f201:   r0 = 0
        exit
f202:   r0 = 0
        exit
f203:   r0 = 0
        exit
f204:   r0 = 0
        exit
f205:   r0 = 0
        exit
f206:   r0 = 0
        exit
f207:   r0 = 0
        exit
f208:   r0 = 0
        exit
f209:   r0 = 0
        exit
f210:   r0 = 0
        exit
f211:   r0 = 0
        exit
f212:   r0 = 0
        exit
f213:   r0 = 0
        exit
f214:   r0 = 0
        exit
f215:   r0 = 0
        exit
f216:   r0 = 0
        exit
f217:   r0 = 0
        exit
f218:   r0 = 0
        exit
f219:   r0 = 0
        exit
f220:   r0 = 0
        exit
f221:   r0 = 0
        exit
f222:   r0 = 0
        exit
f223:   r0 = 0
        exit
f224:   r0 = 0
        exit
f225:   r0 = 0
        exit
f226:   r0 = 0
        exit
f227:   r0 = 0
        exit
f228:   r0 = 0
        exit
f229:   r0 = 0
        exit
f230:   r0 = 0
        exit
f231:   r0 = 0
        exit
f232:   r0 = 0
        exit
f233:   r0 = 0
        exit
f234:   r0 = 0
        exit
f235:   r0 = 0
        exit
f236:   r0 = 0
        exit
f237:   r0 = 0
        exit
f238:   r0 = 0
        exit
f239:   r0 = 0
        exit
f240:   r0 = 0
        exit
f241:   r0 = 0
        exit
f242:   r0 = 0
        exit
f243:   r0 = 0
        exit
f244:   r0 = 0
        exit
f245:   r0 = 0
        exit
f246:   r0 = 0
        exit
f247:   r0 = 0
        exit
f248:   r0 = 0
        exit
f249:   r0 = 0
        exit
f250:   r0 = 0
        exit
f251:   r0 = 0
        exit
f252:   r0 = 0
        exit
f253:   r0 = 0
        exit
f254:   r0 = 0
        exit

#== 257 functions with the main one
#= rejected: too many subprograms (errno E2BIG)
.section tc
        call f0
        call f1
        call f2
        call f3
        call f4
        call f5
        call f6
        call f7
        call f8
        call f9
        call f10
        call f11
        call f12
        call f13
        call f14
        call f15
        call f16
        call f17
        call f18
        call f19
        call f20
        call f21
        call f22
        call f23
        call f24
        call f25
        call f26
        call f27
        call f28
        call f29
        call f30
        call f31
        call f32
        call f33
        call f34
        call f35
        call f36
        call f37
        call f38
        call f39
        call f40
        call f41
        call f42
        call f43
        call f44
        call f45
        call f46
        call f47
        call f48
        call f49
        call f50
        call f51
        call f52
        call f53
        call f54
        call f55
        call f56
        call f57
        call f58
        call f59
        call f60
        call f61
        call f62
        call f63
        call f64
        call f65
        call f66
        call f67
        call f68
        call f69
        call f70
        call f71
        call f72
        call f73
        call f74
        call f75
        call f76
        call f77
        call f78
        call f79
        call f80
        call f81
        call f82
        call f83
        call f84
        call f85
        call f86
        call f87
        call f88
        call f89
        call f90
        call f91
        call f92
        call f93
        call f94
        call f95
        call f96
        call f97
        call f98
        call f99
        call f100
        call f101
        call f102
        call f103
        call f104
        call f105
        call f106
        call f107
        call f108
        call f109
        call f110
        call f111
        call f112
        call f113
        call f114
        call f115
        call f116
        call f117
        call f118
        call f119
        call f120
        call f121
        call f122
        call f123
        call f124
        call f125
        call f126
        call f127
        call f128
        call f129
        call f130
        call f131
        call f132
        call f133
        call f134
        call f135
        call f136
        call f137
        call f138
        call f139
        call f140
        call f141
        call f142
        call f143
        call f144
        call f145
        call f146
        call f147
        call f148
        call f149
        call f150
        call f151
        call f152
        call f153
        call f154
        call f155
        call f156
        call f157
        call f158
        call f159
        call f160
        call f161
        call f162
        call f163
        call f164
        call f165
        call f166
        call f167
        call f168
        call f169
        call f170
        call f171
        call f172
        call f173
        call f174
        call f175
        call f176
        call f177
        call f178
        call f179
        call f180
        call f181
        call f182
        call f183
        call f184
        call f185
        call f186
        call f187
        call f188
        call f189
        call f190
        call f191
        call f192
        call f193
        call f194
        call f195
        call f196
        call f197
        call f198
        call f199
        call f200
        call f201
        call f202
        call f203
        call f204
        call f205
        call f206
        call f207
        call f208
        call f209
        call f210
        call f211
        call f212
        call f213
        call f214
        call f215
        call f216
        call f217
        call f218
        call f219
        call f220
        call f221
        call f222
        call f223
        call f224
        call f225
        call f226
        call f227
        call f228
        call f229
        call f230
        call f231
        call f232
        call f233
        call f234
        call f235
        call f236
        call f237
        call f238
        call f239
        call f240
        call f241
        call f242
        call f243
        call f244
        call f245
        call f246
        call f247
        call f248
        call f249
        call f250
        call f251
        call f252
        call f253
        call f254
        call f255
        r0 = 0
        exit
.text
f0:     r0 = 0
        exit
f1:     r0 = 0
        exit
f2:     r0 = 0
        exit
f3:     r0 = 0
        exit
f4:     r0 = 0
        exit
f5:     r0 = 0
        exit
f6:     r0 = 0
        exit
f7:     r0 = 0
        exit
f8:     r0 = 0
        exit
f9:     r0 = 0
        exit
f10:    r0 = 0
        exit
f11:    r0 = 0
        exit
f12:    r0 = 0
        exit
f13:    r0 = 0
        exit
f14:    r0 = 0
        exit
f15:    r0 = 0
        exit
f16:    r0 = 0
        exit
f17:    r0 = 0
        exit
f18:    r0 = 0
        exit
f19:    r0 = 0
        exit
f20:    r0 = 0
        exit
f21:    r0 = 0
        exit
f22:    r0 = 0
        exit
f23:    r0 = 0
        exit
f24:    r0 = 0
        exit
f25:    r0 = 0
        exit
f26:    r0 = 0
        exit
f27:    r0 = 0
        exit
f28:    r0 = 0
        exit
f29:    r0 = 0
        exit
f30:    r0 = 0
        exit
f31:    r0 = 0
        exit
f32:    r0 = 0
        exit
f33:    r0 = 0
        exit
f34:    r0 = 0
        exit
f35:    r0 = 0
        exit
f36:    r0 = 0
        exit
f37:    r0 = 0
        exit
f38:    r0 = 0
        exit
f39:    r0 = 0
        exit
f40:    r0 = 0
        exit
f41:    r0 = 0
        exit
f42:    r0 = 0
        exit
f43:    r0 = 0
        exit
f44:    r0 = 0
        exit
f45:    r0 = 0
        exit
f46:    r0 = 0
        exit
f47:    r0 = 0
        exit
f48:    r0 = 0
        exit
f49:    r0 = 0
        exit
f50:    r0 = 0
        exit
f51:    r0 = 0
        exit
f52:    r0 = 0
        exit
f53:    r0 = 0
        exit
f54:    r0 = 0
        exit
f55:    r0 = 0
        exit
f56:    r0 = 0
        exit
f57:    r0 = 0
        exit
f58:    r0 = 0
        exit
f59:    r0 = 0
        exit
f60:    r0 = 0
        exit
f61:    r0 = 0
        exit
f62:    r0 = 0
        exit
f63:    r0 = 0
        exit
f64:    r0 = 0
        exit
f65:    r0 = 0
        exit
f66:    r0 = 0
        exit
f67:    r0 = 0
        exit
f68:    r0 = 0
        exit
f69:    r0 = 0
        exit
f70:    r0 = 0
        exit
f71:    r0 = 0
        exit
f72:    r0 = 0
        exit
f73:    r0 = 0
        exit
f74:    r0 = 0
        exit
f75:    r0 = 0
        exit
f76:    r0 = 0
        exit
f77:    r0 = 0
        exit
f78:    r0 = 0
        exit
f79:    r0 = 0
        exit
f80:    r0 = 0
        exit
f81:    r0 = 0
        exit
f82:    r0 = 0
        exit
f83:    r0 = 0
        exit
f84:    r0 = 0
        exit
f85:    r0 = 0
        exit
f86:    r0 = 0
        exit
f87:    r0 = 0
        exit
f88:    r0 = 0
        exit
f89:    r0 = 0
        exit
f90:    r0 = 0
        exit
f91:    r0 = 0
        exit
f92:    r0 = 0
        exit
f93:    r0 = 0
        exit
f94:    r0 = 0
        exit
f95:    r0 = 0
        exit
f96:    r0 = 0
        exit
f97:    r0 = 0
        exit
f98:    r0 = 0
        exit
f99:    r0 = 0
        exit
f100:   r0 = 0
        exit
f101:   r0 = 0
        exit
f102:   r0 = 0
        exit
f103:   r0 = 0
        exit
f104:   r0 = 0
        exit
f105:   r0 = 0
        exit
f106:   r0 = 0
        exit
f107:   r0 = 0
        exit
f108:   r0 = 0
        exit
f109:   r0 = 0
        exit
f110:   r0 = 0
        exit
f111:   r0 = 0
        exit
f112:   r0 = 0
        exit
f113:   r0 = 0
        exit
f114:   r0 = 0
        exit
f115:   r0 = 0
        exit
f116:   r0 = 0
        exit
f117:   r0 = 0
        exit
f118:   r0 = 0
        exit
f119:   r0 = 0
        exit
f120:   r0 = 0
        exit
f121:   r0 = 0
        exit
f122:   r0 = 0
        exit
f123:   r0 = 0
        exit
f124:   r0 = 0
        exit
f125:   r0 = 0
        exit
f126:   r0 = 0
        exit
f127:   r0 = 0
        exit
f128:   r0 = 0
        exit
f129:   r0 = 0
        exit
f130:   r0 = 0
        exit
f131:   r0 = 0
        exit
f132:   r0 = 0
        exit
f133:   r0 = 0
        exit
f134:   r0 = 0
        exit
f135:   r0 = 0
        exit
f136:   r0 = 0
        exit
f137:   r0 = 0
        exit
f138:   r0 = 0
        exit
f139:   r0 = 0
        exit
f140:   r0 = 0
        exit
f141:   r0 = 0
        exit
f142:   r0 = 0
        exit
f143:   r0 = 0
        exit
f144:   r0 = 0
        exit
f145:   r0 = 0
        exit
f146:   r0 = 0
        exit
f147:   r0 = 0
        exit
f148:   r0 = 0
        exit
f149:   r0 = 0
        exit
f150:   r0 = 0
        exit
f151:   r0 = 0
        exit
f152:   r0 = 0
        exit
f153:   r0 = 0
        exit
f154:   r0 = 0
        exit
f155:   r0 = 0
        exit
f156:   r0 = 0
        exit
f157:   r0 = 0
        exit
f158:   r0 = 0
        exit
f159:   r0 = 0
        exit
f160:   r0 = 0
        exit
f161:   r0 = 0
        exit
f162:   r0 = 0
        exit
f163:   r0 = 0
        exit
f164:   r0 = 0
        exit
f165:   r0 = 0
        exit
f166:   r0 = 0
        exit
f167:   r0 = 0
        exit
f168:   r0 = 0
        exit
f169:   r0 = 0
        exit
f170:   r0 = 0
        exit
f171:   r0 = 0
        exit
f172:   r0 = 0
        exit
f173:   r0 = 0
        exit
f174:   r0 = 0
        exit
f175:   r0 = 0
        exit
f176:   r0 = 0
        exit
f177:   r0 = 0
        exit
f178:   r0 = 0
        exit
f179:   r0 = 0
        exit
f180:   r0 = 0
        exit
f181:   r0 = 0
        exit
f182:   r0 = 0
        exit
f183:   r0 = 0
        exit
f184:   r0 = 0
        exit
f185:   r0 = 0
        exit
f186:   r0 = 0
        exit
f187:   r0 = 0
        exit
f188:   r0 = 0
        exit
f189:   r0 = 0
        exit
f190:   r0 = 0
        exit
f191:   r0 = 0
        exit
f192:   r0 = 0
        exit
f193:   r0 = 0
        exit
f194:   r0 = 0
        exit
f195:   r0 = 0
        exit
f196:   r0 = 0
        exit
f197:   r0 = 0
        exit
f198:   r0 = 0
        exit
f199:   r0 = 0
        exit
f200:   r0 = 0
        exit
f201:   r0 = 0
        exit
f202:   r0 = 0
        exit
f203:   r0 = 0
        exit
f204:   r0 = 0
        exit
f205:   r0 = 0
        exit
f206:   r0 = 0
        exit
f207:   r0 = 0
        exit
f208:   r0 = 0
        exit
f209:   r0 = 0
        exit
f210:   r0 = 0
        exit
f211:   r0 = 0
        exit
f212:   r0 = 0
        exit
f213:   r0 = 0
        exit
f214:   r0 = 0
        exit
f215:   r0 = 0
        exit
f216:   r0 = 0
        exit
f217:   r0 = 0
        exit
f218:   r0 = 0
        exit
f219:   r0 = 0
        exit
f220:   r0 = 0
        exit
f221:   r0 = 0
        exit
f222:   r0 = 0
        exit
f223:   r0 = 0
        exit
f224:   r0 = 0
        exit
f225:   r0 = 0
        exit
f226:   r0 = 0
        exit
f227:   r0 = 0
        exit
f228:   r0 = 0
        exit
f229:   r0 = 0
        exit
f230:   r0 = 0
        exit
f231:   r0 = 0
        exit
f232:   r0 = 0
        exit
f233:   r0 = 0
        exit
f234:   r0 = 0
        exit
f235:   r0 = 0
        exit
f236:   r0 = 0
        exit
f237:   r0 = 0
        exit
f238:   r0 = 0
        exit
f239:   r0 = 0
        exit
f240:   r0 = 0
        exit
f241:   r0 = 0
        exit
f242:   r0 = 0
        exit
f243:   r0 = 0
        exit
f244:   r0 = 0
        exit
f245:   r0 = 0
        exit
f246:   r0 = 0
        exit
f247:   r0 = 0
        exit
f248:   r0 = 0
        exit
f249:   r0 = 0
        exit
f250:   r0 = 0
        exit
f251:   r0 = 0
        exit
f252:   r0 = 0
        exit
f253:   r0 = 0
        exit
f254:   r0 = 0
        exit
f255:   r0 = 0
        exit

#== 8192 jumps still to be followed
#= accepted
.section tc
        r6 = 0
2:      call bpf_get_prandom_u32
        if r0 == 5 goto 1f
        r6 += 1
        if r6 < 8190 goto 2b
1:      r0 = 0
        exit

#== more than 8192 jumps still to be followed
#= rejected: The sequence of 8193 jumps is too complex. (errno EFAULT)
.section tc
        r6 = 0
2:      call bpf_get_prandom_u32
        if r0 == 5 goto 1f
        r6 += 1
        if r6 < 8200 goto 2b
1:      r0 = 0
        exit

#== stack of 512 bytes in one frame and none in the next
#= accepted
.section tc
        *(u64 *)(r10 - 512) = 0
        call f
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== stack of three frames together
#= rejected: combined stack size of 3 calls is 624. Too large (errno EACCES)
.section tc
        *(u64 *)(r10 - 200) = 0
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 200) = 0
        call g
        exit
g:      *(u64 *)(r10 - 200) = 0
        r0 = 0
        exit

#== stack of three frames together, just enough
#= accepted
.section tc
        *(u64 *)(r10 - 160) = 0
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 160) = 0
        call g
        exit
g:      *(u64 *)(r10 - 160) = 0
        r0 = 0
        exit

#== stack of a callback adds up
#= rejected: combined stack size of 2 calls is 544. Too large (errno EACCES)
.section tc
        *(u64 *)(r10 - 264) = 0
        r1 = 4
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_loop
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 264) = 0
        r0 = 0
        exit

#== function with a packet load
#= no btf
#= rejected: LD_ABS is not allowed in subprogs without BTF (errno EINVAL)
.section tc
        r6 = r1
        call f
        exit
.text
f:      r6 = r1
        r0 = *(u8 *)skb[0]
        exit

#== function with a tail call
#= no btf
#= rejected: tail_call is not allowed in subprogs without BTF (errno EINVAL)
.section tc
        call f
        r0 = 0
        exit
.map progs, prog_array, key=4, value=4, entries=4
.text
f:      r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r0 = 0
        exit

#== function without types
#= no btf
#= accepted
.section tc
        call f
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== sleepable program with a hash map
#= accepted
.section uprobe.s
        r1 = m ll
        r0 = 0
        exit
.map m, hash, key=4, value=4, entries=1

#== sleepable program with a trie
#= rejected: Sleepable programs can only use array, hash, ringbuf and local storage maps (errno EINVAL)
.section uprobe.s
        r1 = m ll
        r0 = 0
        exit
.map m, lpm_trie, key=8, value=4, entries=1, flags=1

#== sleepable program with a queue
#= accepted
.section uprobe.s
        r1 = m ll
        r0 = 0
        exit
.map m, queue, value=4, entries=1

#== sleepable program with a stack trace map
#= rejected: Sleepable programs can only use array, hash, ringbuf and local storage maps (errno EINVAL)
.section uprobe.s
        r1 = m ll
        r0 = 0
        exit
.map m, stack_trace, key=4, value=8, entries=1

#== sleepable program with a ring buffer
#= accepted
.section uprobe.s
        r1 = m ll
        r0 = 0
        exit
.map m, ringbuf, entries=4096

#== sleepable program with a program array
#= rejected: Sleepable programs can only use array, hash, ringbuf and local storage maps (errno EINVAL)
.section uprobe.s
        r1 = m ll
        r0 = 0
        exit
.map m, prog_array, key=4, value=4, entries=4

#== sleepable program with a bloom filter
#= rejected: Sleepable programs can only use array, hash, ringbuf and local storage maps (errno EINVAL)
.section uprobe.s
        r1 = m ll
        r0 = 0
        exit
.map m, bloom_filter, value=4, entries=4

#== sleepable program with a device map
#= rejected: Sleepable programs can only use array, hash, ringbuf and local storage maps (errno EINVAL)
.section uprobe.s
        r1 = m ll
        r0 = 0
        exit
.map m, devmap, key=4, value=4, entries=4

#== tracepoint program may not sleep
#= flags: sleepable
#= rejected: Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable (errno EINVAL)
.section tracepoint
        r0 = 0
        exit

#== storage of a control group
#= accepted
.section cgroup_skb/ingress
        r1 = st ll
        r2 = 0
        call bpf_get_local_storage
        r1 = *(u64 *)(r0 + 0)
        r0 = 0
        exit
.map st, cgroup_storage, key=16, value=8

#== storage of a control group past its value
#= rejected: R0 min value is outside of the allowed memory range (errno EACCES)
.section cgroup_skb/ingress
        r1 = st ll
        r2 = 0
        call bpf_get_local_storage
        r1 = *(u64 *)(r0 + 8)
        r0 = 0
        exit
.map st, cgroup_storage, key=16, value=8

#== storage of a control group with flags
#= rejected: get_local_storage() doesn't support non-zero flags (errno EINVAL)
.section cgroup_skb/ingress
        r1 = st ll
        r2 = 1
        call bpf_get_local_storage
        r0 = 0
        exit
.map st, cgroup_storage, key=16, value=8

#== storage of a control group with unknown flags
#= rejected: get_local_storage() doesn't support non-zero flags (errno EINVAL)
.section cgroup_skb/ingress
        r6 = *(u32 *)(r1 + 0)
        r1 = st ll
        r2 = r6
        call bpf_get_local_storage
        r0 = 0
        exit
.map st, cgroup_storage, key=16, value=8

#== storage of a control group in tc
#= rejected: program of this type cannot use helper bpf_get_local_storage#81 (errno EINVAL)
.section tc
        r1 = st ll
        r2 = 0
        call bpf_get_local_storage
        r0 = 0
        exit
.map st, cgroup_storage, key=16, value=8

#== storage of a control group is not looked up
#= rejected: cannot pass map_type 19 into func bpf_map_lookup_elem#1 (errno EINVAL)
.section cgroup_skb/ingress
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -16
        r1 = st ll
        call bpf_map_lookup_elem
        r0 = 0
        exit
.map st, cgroup_storage, key=16, value=8

#== storage of another kind of map
#= rejected: cannot pass map_type 2 into func bpf_get_local_storage#81 (errno EINVAL)
.section cgroup_skb/ingress
        r1 = m ll
        r2 = 0
        call bpf_get_local_storage
        r0 = 0
        exit
.map m, array, key=4, value=8, entries=1

#== two storages of a control group
#= rejected: only one cgroup storage of each type is allowed (errno EBUSY)
.section cgroup_skb/ingress
        r1 = st ll
        r1 = st2 ll
        r0 = 0
        exit
.map st, cgroup_storage, key=16, value=8
.map st2, cgroup_storage, key=16, value=8

#== storage and storage per CPU of a control group
#= accepted
.section cgroup_skb/ingress
        r1 = st ll
        r1 = st2 ll
        r0 = 0
        exit
.map st, cgroup_storage, key=16, value=8
.map st2, percpu_cgroup_storage, key=16, value=8

#== field of a device map is read
#= accepted
.section tc
        r1 = m ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit
.map m, devmap, key=4, value=4, entries=4

#== field of a ring buffer is read
#= accepted
.section tc
        r1 = m ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit
.map m, ringbuf, entries=4096

#== field of a queue is read
#= accepted
.section tc
        r1 = m ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit
.map m, queue, value=4, entries=4

#== field of a trie is read
#= accepted
.section tc
        r1 = m ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit
.map m, lpm_trie, key=8, value=4, entries=4, flags=1

#== field of a bloom filter is read
#= accepted
.section tc
        r1 = m ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit
.map m, bloom_filter, value=4, entries=4

#== field of a stack trace map is read
#= accepted
.section tc
        r1 = m ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit
.map m, stack_trace, key=4, value=8, entries=4

#== field of a socket map is read
#= accepted
.section tc
        r1 = m ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit
.map m, sockmap, key=4, value=4, entries=4

#== field of a cgroup array is read
#= accepted
.section tc
        r1 = m ll
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit
.map m, cgroup_array, key=4, value=4, entries=4

#== tail call through two program arrays
#= accepted
.section tc
        r6 = *(u32 *)(r1 + 0)
        r2 = a ll
        if r6 == 0 goto 1f
        r2 = b ll
1:      r3 = 0
        call bpf_tail_call
        r0 = 0
        exit
.map a, prog_array, key=4, value=4, entries=4
.map b, prog_array, key=4, value=4, entries=4

#== tail call through two program arrays, unprivileged
#= unprivileged
#= accepted
.section socket
        r6 = *(u32 *)(r1 + 0)
        r2 = a ll
        if r6 == 0 goto 1f
        r2 = b ll
1:      r3 = 0
        call bpf_tail_call
        r0 = 0
        exit
.map a, prog_array, key=4, value=4, entries=4
.map b, prog_array, key=4, value=4, entries=4

#== look-up through two maps, unprivileged
#= unprivileged
#= accepted
.section socket
        r6 = *(u32 *)(r1 + 0)
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = a ll
        if r6 == 0 goto 1f
        r1 = b ll
1:      call bpf_map_lookup_elem
        r0 = 0
        exit
.map a, hash, key=4, value=4, entries=4
.map b, hash, key=4, value=4, entries=4

#== sleeping kernel function in a program that may not sleep
#= rejected: program must be sleepable to call sleepable kfunc bpf_copy_from_user_str (errno EACCES)
.section kprobe
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r4 = 0
        call bpf_copy_from_user_str
        r0 = 0
        exit
        .extern bpf_copy_from_user_str

#== sleeping kernel function in a sleepable program
#= accepted
.section uprobe.s
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r4 = 0
        call bpf_copy_from_user_str
        r0 = 0
        exit
        .extern bpf_copy_from_user_str

#== sleeping kernel function in a read-side section
#= rejected: kernel func bpf_copy_from_user_str is sleepable within rcu_read_lock region (errno EACCES)
.section uprobe.s
        call bpf_rcu_read_lock
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r4 = 0
        call bpf_copy_from_user_str
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_copy_from_user_str, bpf_rcu_read_lock, bpf_rcu_read_unlock

#== sleeping kernel function with preemption disabled
#= rejected: kernel func bpf_copy_from_user_str is sleepable within non-preemptible region (errno EACCES)
.section uprobe.s
        call bpf_preempt_disable
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        r4 = 0
        call bpf_copy_from_user_str
        call bpf_preempt_enable
        r0 = 0
        exit
        .extern bpf_copy_from_user_str, bpf_preempt_disable, bpf_preempt_enable

#== iterator over tasks outside a read-side section
#= rejected: kernel func bpf_iter_task_new requires RCU critical section protection (errno EACCES)
.section uprobe.s
        r1 = r10
        r1 += -24
        r2 = 0
        r3 = 0
        call bpf_iter_task_new
        r1 = r10
        r1 += -24
        call bpf_iter_task_destroy
        r0 = 0
        exit
        .extern bpf_iter_task_new, bpf_iter_task_destroy

#== iterator over tasks in a read-side section
#= accepted
.section uprobe.s
        call bpf_rcu_read_lock
        r1 = r10
        r1 += -24
        r2 = 0
        r3 = 0
        call bpf_iter_task_new
        r1 = r10
        r1 += -24
        call bpf_iter_task_destroy
        call bpf_rcu_read_unlock
        r0 = 0
        exit
        .extern bpf_iter_task_new, bpf_iter_task_destroy, bpf_rcu_read_lock, bpf_rcu_read_unlock

#== iterator over tasks in a program that may not sleep
#= accepted
.section tc
        r1 = r10
        r1 += -24
        r2 = 0
        r3 = 0
        call bpf_iter_task_new
        r1 = r10
        r1 += -24
        call bpf_iter_task_destroy
        r0 = 0
        exit
        .extern bpf_iter_task_new, bpf_iter_task_destroy

#== metadata of a device needs a program bound to it
#= rejected: metadata kfuncs require device-bound program (errno EINVAL)
.section xdp
        r2 = r10
        r2 += -8
        call bpf_xdp_metadata_rx_timestamp
        r0 = 0
        exit
        .extern bpf_xdp_metadata_rx_timestamp

#== object of a type that is no structure
#= rejected: bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct (errno EINVAL)
.section tc
        r1 = 1
        r2 = 0
        call bpf_obj_new_impl
        r0 = 0
        exit
        .extern bpf_obj_new_impl

#== object of an unknown type
#= rejected: R1 must be a known constant (errno EINVAL)
.section tc
        call bpf_get_prandom_u32
        r1 = r0
        r2 = 0
        call bpf_obj_new_impl
        r0 = 0
        exit
        .extern bpf_obj_new_impl

#== stack is dropped as an object
#= rejected: R1 must be referenced or trusted (errno EINVAL)
.section tc
        r1 = r10
        r2 = 0
        call bpf_obj_drop_impl
        r0 = 0
        exit
        .extern bpf_obj_drop_impl

#== stack is a list
#= rejected: arg#0 expected pointer to map value or allocated object (errno EINVAL)
.section tc
        r1 = r10
        r1 += -16
        call bpf_list_pop_front
        r0 = 0
        exit
        .extern bpf_list_pop_front

#== stack is a tree
#= rejected: arg#0 expected pointer to map value or allocated object (errno EINVAL)
.section tc
        r1 = r10
        r1 += -16
        call bpf_rbtree_first
        r0 = 0
        exit
        .extern bpf_rbtree_first

#== stack is a counted object
#= rejected: arg#0 is neither owning or non-owning ref (errno EINVAL)
.section tc
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_refcount_acquire_impl
        r0 = 0
        exit
        .extern bpf_refcount_acquire_impl

#== stack is a work queue
#= rejected: arg#0 doesn't point to a map value (errno EINVAL)
.section tc
        r1 = r10
        r1 += -16
        r2 = m ll
        r3 = 0
        call bpf_wq_init
        r0 = 0
        exit
        .extern bpf_wq_init
.map m, array, key=4, value=64, entries=1

#== value without types is a work queue
#= rejected: map '.data' has no valid bpf_wq (errno EINVAL)
.section tc
        r1 = v ll
        r2 = m ll
        r3 = 0
        call bpf_wq_init
        r0 = 0
        exit
        .extern bpf_wq_init
.map m, array, key=4, value=64, entries=1
.data
v:      .zero 64

#== number is cast to a type that is no structure
#= rejected: kfunc bpf_rdonly_cast type ID argument must be of a struct or void (errno EINVAL)
.section tc
        r1 = 0
        r2 = 1
        call bpf_rdonly_cast
        r0 = 0
        exit
        .extern bpf_rdonly_cast

#== value is a dynamic pointer for a kernel function
#= rejected: arg#0 expected pointer to stack or const struct bpf_dynptr (errno EINVAL)
.section tc
        r1 = v ll
        call bpf_dynptr_size
        r0 = 0
        exit
        .extern bpf_dynptr_size
.data
v:      .zero 64

#== dynamic pointer of a callback takes a number
#= accepted
.section kprobe
        r1 = u ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r0 = 0
        exit
.map u, user_ringbuf, entries=4096
.text
f:      r1 += 8
        r0 = 0
        exit

#== dynamic pointer of a callback that was moved is no argument
#= rejected: dereference of modified dynptr_ptr ptr R1 off=8 disallowed (errno EACCES)
.section kprobe
        r1 = u ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r0 = 0
        exit
.map u, user_ringbuf, entries=4096
.text
f:      r1 += 8
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        r0 = 0
        exit

#== kernel function of a module with a negative number
#= rejected: failed to find BTF for kernel function (errno EINVAL)
.section tc
        call kfunc(1, -1)
        r0 = 0
        exit

#== dynamic pointer of a callback is not read
#= rejected: R1 invalid mem access 'dynptr_ptr' (errno EACCES)
.section kprobe
        r1 = u ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r0 = 0
        exit
.map u, user_ringbuf, entries=4096
.text
f:      r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== dynamic pointer of a callback is kept apart from its stack
#= accepted
.section kprobe
        *(u64 *)(r10 - 8) = 0
        r1 = u ll
        r2 = f ll
        r3 = 0
        r4 = 0
        call bpf_user_ringbuf_drain
        r0 = 0
        exit
.map u, user_ringbuf, entries=4096
.text
f:      *(u64 *)(r10 - 8) = 0
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        r0 = 0
        exit

#== read-only memory of the kernel is copied to a dynamic pointer
#= rejected: write into map forbidden, value_size=64 off=0 size=64 (errno EACCES)
.section tc
        r4 = r1
        r1 = v ll
        r2 = 64
        r3 = 0
        call bpf_dynptr_from_mem
        r0 = 0
        exit
.rodata
v:      .zero 64

#== tcp socket of the kernel is read
#= accepted
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== tcp socket of the kernel is not checked
#= rejected: R0 invalid mem access 'ptr_or_null_' (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== tcp socket of the kernel is not written
#= rejected: only read is supported (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        if r0 == 0 goto 1f
        *(u64 *)(r0 + 0) = 0
1:      r0 = 0
        exit

#== tcp socket of the kernel is released
#= rejected: R1 must be referenced when passed to release function (errno EINVAL)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_sk_release
1:      r0 = 0
        exit

#== tcp socket of the kernel or null is converted
#= rejected: R1 type=ptr_or_null_ expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_ (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        r1 = r0
        call bpf_skc_to_udp6_sock
1:      r0 = 0
        exit

#== tcp socket of the kernel is converted
#= accepted
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_skc_to_udp6_sock
1:      r0 = 0
        exit

#== number added to a tcp socket of the kernel
#= rejected: access beyond struct (anon) at off 0 size 8 (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        if r0 == 0 goto 1f
        r0 += 8
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 0
        exit

#== number added to a tcp socket of the kernel or null
#= rejected: R0 pointer arithmetic on ptr_or_null_ prohibited, null-check it first (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        r0 += 8
1:      r0 = 0
        exit

#== unknown number added to a tcp socket of the kernel
#= rejected: R6 is ptr_tcp_sock invalid variable offset: off=0, var_off=(0x0; 0x7) (errno EACCES)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_skc_to_tcp_sock
        if r0 == 0 goto 1f
        r6 = r0
        call bpf_get_prandom_u32
        r0 &= 7
        r6 += r0
        r0 = *(u64 *)(r6 + 0)
1:      r0 = 0
        exit
